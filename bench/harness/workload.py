"""What a checker is asked to do, in words that all of them understand."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

PLAIN_PORT = 18080
# The responder has the plain port on every address, so endpoints that break need another one.
FAULTY_PORT = 18081
# Endpoints with TLS are told apart by port, because the certificate names their one address.
TLS_FIRST_PORT = 20000
TLS_ADDRESS = "127.0.0.1"
TLS_NAME = "bench.test"


class Mode(Enum):
    PLAIN_FRESH = "plain-fresh"
    PLAIN_REUSED = "plain-reused"
    TLS_FRESH = "tls-fresh"
    TLS_REUSED = "tls-reused"

    @property
    def tls(self) -> bool:
        return self in (Mode.TLS_FRESH, Mode.TLS_REUSED)

    @property
    def reused(self) -> bool:
        return self in (Mode.PLAIN_REUSED, Mode.TLS_REUSED)

    @property
    def title(self) -> str:
        return {
            Mode.PLAIN_FRESH: "Plain HTTP, a fresh connection for each check",
            Mode.PLAIN_REUSED: "Plain HTTP, one kept connection for each endpoint",
            Mode.TLS_FRESH: "TLS 1.3, a fresh connection and a full handshake for each check",
            Mode.TLS_REUSED: "TLS 1.3, one kept connection for each endpoint",
        }[self]


@dataclass(frozen=True)
class Endpoint:
    name: str
    address: str
    port: int


@dataclass(frozen=True)
class Workload:
    endpoints: tuple[Endpoint, ...]
    mode: Mode
    # Seconds between two checks of one endpoint.
    interval: float = 1
    # Seconds until an attempt is given up; wide where only the cost counts, so that a busy machine makes no failures.
    timeout: float = 3
    # A PEM file with the only root to trust; used with TLS.
    ca_file: Path | None = None
    # For each endpoint one that stands by, at the same place; failoverd moves to it. Empty where only the cost counts.
    standbys: tuple[Endpoint, ...] = ()


def plain_endpoints(
    count: int, network: int = 1, port: int = PLAIN_PORT, prefix: str = "e"
) -> tuple[Endpoint, ...]:
    """Endpoints at 127.NETWORK.0.1 and on: each with an address of its own, so that no range of ports runs out."""
    return tuple(
        Endpoint(f"{prefix}{n:05}", f"127.{network}.{n // 250}.{n % 250 + 1}", port) for n in range(count)
    )


def tls_endpoints(count: int, first_port: int = TLS_FIRST_PORT) -> tuple[Endpoint, ...]:
    return tuple(Endpoint(f"e{n:05}", TLS_ADDRESS, first_port + n) for n in range(count))


def workload(mode: Mode, count: int, ca_file: Path | None) -> Workload:
    endpoints = tls_endpoints(count) if mode.tls else plain_endpoints(count)
    return Workload(endpoints, mode, ca_file=ca_file)
