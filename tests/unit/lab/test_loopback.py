import socket

import pytest

from computility.lab import loopback
from computility.lab.loopback import free_ports, is_listening


def test_free_ports_are_different_and_outside_of_those_the_kernel_gives_out() -> None:
    ports = free_ports(50)

    assert len(set(ports)) == 50
    assert all(loopback.FIRST <= port < loopback.LAST for port in ports)


def test_a_port_in_use_is_not_free(monkeypatch: pytest.MonkeyPatch) -> None:
    (taken,) = free_ports(1)
    monkeypatch.setattr(loopback, "FIRST", taken)
    monkeypatch.setattr(loopback, "LAST", taken + 1)
    assert free_ports(1) == [taken]

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", taken))

        assert free_ports(1) == []


def test_a_bound_port_counts_as_listening_only_once_somebody_listens() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        port = server.getsockname()[1]
        assert not is_listening(port)

        server.listen()

        assert is_listening(port)
    assert not is_listening(port)
