"""P-256 certificates, made with openssl for this run."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

from .places import system_binary
from .workload import TLS_ADDRESS, TLS_NAME


@dataclass(frozen=True)
class Identity:
    """A certificate chain and its key, as PEM files."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Certificates:
    ca_file: Path
    good: Identity
    # From the trusted root, but for somebody else.
    wrong_name: Identity
    # For the right name, but from a root that nobody trusts.
    unknown_root: Identity


def make(directory: Path) -> Certificates:
    directory.mkdir(exist_ok=True)
    trusted = _root(directory, "trusted")
    unknown = _root(directory, "unknown")
    name = f"DNS:{TLS_NAME},IP:{TLS_ADDRESS}"
    return Certificates(
        ca_file=trusted.certificate,
        good=_leaf(directory, "good", trusted, name),
        wrong_name=_leaf(directory, "wrong-name", trusted, "DNS:other.test,IP:192.0.2.1"),
        unknown_root=_leaf(directory, "unknown-root", unknown, name),
    )


def _root(directory: Path, name: str) -> Identity:
    identity = _identity(directory, f"{name}-ca")
    _openssl(
        *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"),
        *("-subj", f"/CN={name} root", "-addext", "keyUsage=critical,keyCertSign,cRLSign"),
        *("-keyout", identity.key, "-out", identity.certificate),
    )
    return identity


def _leaf(directory: Path, name: str, issuer: Identity, names: str) -> Identity:
    identity = _identity(directory, name)
    request = directory / f"{name}.csr"
    _openssl(
        *("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-subj", f"/CN={name}", "-keyout", identity.key, "-out", request),
    )
    extensions = directory / f"{name}.ext"
    extensions.write_text(
        f"subjectAltName={names}\nbasicConstraints=critical,CA:FALSE\n"
        "keyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n"
    )
    _openssl(
        *("x509", "-req", "-in", request, "-days", "20", "-CA", issuer.certificate, "-CAkey", issuer.key),
        *("-CAcreateserial", "-extfile", extensions, "-out", identity.certificate),
    )
    return identity


def _identity(directory: Path, name: str) -> Identity:
    return Identity(directory / f"{name}.pem", directory / f"{name}.key")


def _openssl(*arguments: str | Path) -> None:
    subprocess.run([system_binary("openssl"), *map(str, arguments)], check=True, capture_output=True)
