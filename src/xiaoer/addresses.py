"""Which network addresses may be fetched from, and a transport that connects to none but those.

The name is resolved once; the very address that was checked is the one connected to. A name server that answers
differently the second time (DNS rebinding) is never asked a second time.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

import httpx

from xiaoer.errors import Invalid, Unavailable

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""From a host name and a port to the addresses it has."""

_NAT64 = IPv6Network("64:ff9b::/96")
_PROTOCOL = ip_network("192.0.0.0/24")
_COMPATIBLE = IPv6Network("::/96")
# Answers with secrets on machines of a large cloud, though its number looks public.
_CLOUD_WIRE_SERVER = IPv4Address("168.63.129.16")
_INTRANET = tuple(ip_network(block) for block in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8"))
_INTRANET6 = tuple(ip_network(block) for block in ("fc00::/7", "::1/128"))
# Providers keep the secrets of a machine here; no intranet page lives at these.
_METADATA = frozenset({ip_address("169.254.169.254"), ip_address("100.100.100.200"), ip_address("fd00:ec2::254")})
_LOWEST_FREE_PORT = 1024
_WEB_PORTS = frozenset({80, 443})


class AddressRefused(Invalid):
    """An address inside the network, or of a kind that is not fetched from."""


class NameUnknown(Unavailable):
    """A host name without an address."""


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host by the system's resolver."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown(f"{host}: this name has no address. Check the spelling") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_allowed(written: str, *, allow_private: bool) -> bool:
    """Whether an IP address is one of the public net; with `allow_private`, also one of an intranet or this machine."""
    try:
        address = _embedded(ip_address(written.split("%", maxsplit=1)[0]))
    except ValueError:
        return False
    if address in _METADATA or address == _CLOUD_WIRE_SERVER or address.is_multicast or address.is_unspecified:
        return False
    if address in _PROTOCOL or (address in _COMPATIBLE and not address.is_loopback):
        return False
    if address.is_global and not address.is_reserved:
        return True
    blocks = _INTRANET if isinstance(address, IPv4Address) else _INTRANET6
    return allow_private and any(address in block for block in blocks)


def _embedded(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, Teredo, NAT64), else the address."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped:
        return address.ipv4_mapped
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    return IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else address


class GuardedTransport(httpx.AsyncBaseTransport):
    """HTTP to checked addresses only. Every request is checked, so every redirect is.

    Connections are not kept, since one is pinned to an address and another name may share the address. `kept` is for
    who talks to one host only: that many are.
    """

    def __init__(self, *, allow_private: bool, resolve: Resolve, connections: int = 4, kept: int = 0) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        limits = httpx.Limits(max_connections=connections, max_keepalive_connections=kept)
        self._inner = httpx.AsyncHTTPTransport(limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        if url.scheme not in ("http", "https"):
            raise AddressRefused(f"{url.scheme or 'this'}: only http and https addresses are fetched")
        if url.userinfo:
            raise AddressRefused("The address holds a name and password. Take them out of it")
        host = url.raw_host.decode("ascii").strip("[]")
        port = url.port or (443 if url.scheme == "https" else 80)
        if not self._allow_private and port not in _WEB_PORTS and port < _LOWEST_FREE_PORT:
            raise AddressRefused(f"{host}: no web site lives at port {port}")
        found = await self._resolve(host, port)
        if not found:
            raise NameUnknown(f"{host}: this name has no address. Check the spelling")
        if not all(is_allowed(address, allow_private=self._allow_private) for address in found):
            raise AddressRefused(f"{host}: this address lies inside a private network, and is not fetched")
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=found[0]),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": host},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        await self._inner.aclose()
