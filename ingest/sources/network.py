"""Reach public addresses only, and nothing for longer than the caller allows."""

import ipaddress
import socket
import time
from collections.abc import Iterable, Iterator
from typing import Any

import httpcore
import httpx

Timeout = float | None


class PrivateAddress(ValueError):
    """An address of this machine or of a local network, which a page from outside must not make us fetch."""


class Network(httpcore.SyncBackend):
    """Connections whose peer is looked at before anything is sent to it.

    The name is resolved here and the very address that was checked is connected to, so that a name which resolves
    otherwise a moment later gains nothing. `allow_private` and `deadline` (of `time.monotonic`) are set before each
    request; the deadline holds also for a server that sends a byte now and then, which no timeout of a single read
    would end.
    """

    def __init__(self) -> None:
        self.allow_private = False
        self.deadline = float("inf")

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: Timeout = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failed: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses(host, port, allow_private=self.allow_private):
            try:
                stream = super().connect_tcp(address, port, self.left(timeout), local_address, socket_options)
                return _TimedStream(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed

    def left(self, timeout: Timeout) -> float:
        """The seconds that the next step may take. Raises httpcore.ReadTimeout when the time is up."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the time is up")
        return left if timeout is None else min(timeout, left)


class _TimedStream(httpcore.NetworkStream):
    """A stream that keeps to its network's deadline."""

    def __init__(self, stream: httpcore.NetworkStream, network: Network) -> None:
        self._stream = stream
        self._network = network

    def read(self, max_bytes: int, timeout: Timeout = None) -> bytes:
        return self._stream.read(max_bytes, self._network.left(timeout))

    def write(self, buffer: bytes, timeout: Timeout = None) -> None:
        self._stream.write(buffer, self._network.left(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: Timeout = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._network.left(timeout))
        return _TimedStream(stream, self._network)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class Transport(httpx.BaseTransport):
    """What httpx sends requests through: httpx's own transport lets nobody hand it a network."""

    def __init__(self, network: Network) -> None:
        self._pool = httpcore.ConnectionPool(network_backend=network)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpcore's errors, not httpx's."""
        url = request.url
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
                headers=request.headers.raw,
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()


def addresses(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of a host, in the system's order.

    Raises PrivateAddress when one of them is not public and that is not allowed, and OSError when the name is not
    known.
    """
    # Forms such as "2130706433" or "0x7f.1" are taken by the resolver for what they are, so names and numbers alike
    # are judged by what it returns.
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    resolved = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in resolved:
        if not allow_private and not is_public(address):
            told = host if host == address else f"{host} ({address})"
            raise PrivateAddress(f"{told} is a private or local address, which is fetched only with --allow-private")
    return resolved


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, also when it is wrapped into an IPv6 one."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()), _translated(ip)]
        if any(inner is not None and not is_public(str(inner)) for inner in wrapped):
            return False
        if ip.ipv4_mapped:
            return True
    return ip.is_global and not ip.is_multicast


def _translated(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside one of RFC 6052's (64:ff9b::/96), through which a translator reaches it, or inside an
    old IPv4-compatible one (::/96).
    """
    if int(ip) >> 32 in (0x0064_FF9B << 64, 0):
        return ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
    return None
