"""Which proxy leads to an upstream, by the environment: `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`.

Read once for each host: looking at the environment for every request costs more than the request. Nothing else of the
environment is believed, in particular no `.netrc`, which would add a key of its own.
"""

from __future__ import annotations

import functools
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

__all__ = ["proxy_for"]


def proxy_for(url: str) -> str | None:
    """The address of the proxy for a URL, if there is one."""
    scheme, host = url.split("/", 3)[0:3:2]
    return _proxy(scheme, host)


@functools.lru_cache(maxsize=1024)
def _proxy(scheme: str, host: str) -> str | None:
    parts = urlsplit(f"{scheme}//{host}")
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or not parts.hostname or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"
