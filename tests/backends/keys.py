"""Who shows which key: the gateway shows its own to the backends, and its clients' to nobody."""

CLIENT_KEY = "key-of-a-client"
UPSTREAM_KEY = "key-of-the-gateway"
