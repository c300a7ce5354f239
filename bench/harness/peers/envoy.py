"""Envoy with one worker and active health checks of one cluster."""

import json
import re
from pathlib import Path
from typing import Any

from ..local_http import get
from ..places import envoy_binary
from ..workload import TLS_NAME, Endpoint, Mode, Workload
from .base import Peer

_TYPES = "type.googleapis.com/envoy.extensions"


class Envoy(Peer):
    name = "Envoy"

    def __init__(self, event_log: Path | None = None) -> None:
        super().__init__()
        self._event_log = event_log

    def configure(self, workload: Workload, directory: Path) -> list[str | Path]:
        self._admin = directory / "admin.sock"
        cluster = {
            "name": "b",
            "type": "STATIC",
            "connect_timeout": "1s",
            "health_checks": [self._health_check(workload)],
            "load_assignment": {
                "cluster_name": "b",
                "endpoints": [{"lb_endpoints": [_address(endpoint) for endpoint in workload.endpoints]}],
            },
        }
        if workload.mode.tls:
            cluster["transport_socket"] = _tls(workload.ca_file)
        configuration = directory / "envoy.json"
        configuration.write_text(
            json.dumps(
                {
                    "admin": {"address": {"pipe": {"path": str(self._admin)}}},
                    "static_resources": {"clusters": [cluster]},
                }
            )
        )
        return [
            *(envoy_binary(), "-c", configuration, "--concurrency", "1", "--disable-hot-restart"),
            *("--log-level", "error", "--file-flush-interval-msec", "20"),
        ]

    def _health_check(self, workload: Workload) -> dict[str, Any]:
        interval = f"{workload.interval:g}s"
        check: dict[str, Any] = {
            "timeout": f"{workload.timeout:g}s",
            "interval": interval,
            # Without these two it checks clusters without traffic once a minute.
            "no_traffic_interval": interval,
            "no_traffic_healthy_interval": interval,
            "initial_jitter": interval,
            "unhealthy_threshold": 3,
            "healthy_threshold": 2,
            "reuse_connection": workload.mode.reused,
            "http_health_check": {
                "host": TLS_NAME,
                "path": "/",
                "expected_statuses": [{"start": 200, "end": 201}],
            },
        }
        if self._event_log is not None:
            check["event_logger"] = [
                {
                    "name": "file",
                    "typed_config": {
                        "@type": f"{_TYPES}.health_check.event_sinks.file.v3.HealthCheckEventFileSink",
                        "event_log_path": str(self._event_log),
                    },
                }
            ]
        return check

    def healthy(self) -> int:
        """Endpoints are unhealthy until their first check has passed."""
        answer = get(self._admin, "/stats?filter=^cluster.b.membership_healthy$").decode()
        match = re.search(r": (\d+)", answer)
        return int(match[1]) if match else 0


def _address(endpoint: Endpoint) -> dict[str, Any]:
    place = {"socket_address": {"address": endpoint.address, "port_value": endpoint.port}}
    return {"endpoint": {"address": place}}


def _tls(ca_file: Path | None) -> dict[str, Any]:
    """TLS 1.3, chain and name verified, no resumption; without `tls_params` Envoy offers TLS 1.2 at most."""
    return {
        "name": "tls",
        "typed_config": {
            "@type": f"{_TYPES}.transport_sockets.tls.v3.UpstreamTlsContext",
            "sni": TLS_NAME,
            "max_session_keys": 0,
            "common_tls_context": {
                "tls_params": {
                    "tls_minimum_protocol_version": "TLSv1_3",
                    "tls_maximum_protocol_version": "TLSv1_3",
                },
                "validation_context": {
                    "trusted_ca": {"filename": str(ca_file)},
                    "match_typed_subject_alt_names": [{"san_type": "DNS", "matcher": {"exact": TLS_NAME}}],
                },
            },
        },
    }
