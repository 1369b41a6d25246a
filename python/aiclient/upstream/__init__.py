"""What stands behind the gateway: connections, providers, credentials."""
