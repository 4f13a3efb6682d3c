import socket

import pytest

from ingest.sources import network
from ingest.sources.network import PrivateAddress, addresses, is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.9.9.9", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)  # fmt: skip
def test_addresses_of_this_machine_and_of_local_networks_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "203.248.1.1", "2001:4860:4860::8888", "::ffff:8.8.8.8", "64:ff9b::808:808"]
)
def test_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "::1", "::ffff:127.0.0.1"])
def test_a_private_address_is_refused_however_it_is_written(host: str) -> None:
    with pytest.raises(PrivateAddress, match="private or local address, which is fetched only with --allow-private"):
        addresses(host, 80, allow_private=False)

    assert addresses("127.0.0.1", 80, allow_private=True) == ["127.0.0.1"]


def test_one_private_address_among_public_ones_is_enough_to_refuse_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("8.8.8.8", "10.0.0.5")]
    monkeypatch.setattr(network.socket, "getaddrinfo", lambda *_, **__: answers)

    with pytest.raises(PrivateAddress, match=r"intranet\.example\.org \(10\.0\.0\.5\) is a private"):
        addresses("intranet.example.org", 80, allow_private=False)
