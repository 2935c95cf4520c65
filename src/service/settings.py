"""How the service runs: the keys of conf/serve.yaml under serve, and what the environment adds."""

import ipaddress
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.parameters import parameter
from project import ROOT, problems_of_file

TOKEN = "REELTUNE_TOKEN"  # noqa: S105 - the variable's name


@dataclass(frozen=True, kw_only=True)
class Serve:
    """The keys of the section serve."""

    host: str = parameter("127.0.0.1", f"address to listen on; one that others reach needs {TOKEN}")
    port: int = parameter(8000, "port to listen on; 0 = any free one, which is printed", low=0, high=65535)
    poll_seconds: float = parameter(
        2.0, "seconds between looks for another active version or test", low=0.05, high=3600
    )
    kept_versions: int = parameter(
        1, "versions that stay loaded beside those that answer, to switch back at once", low=0, high=100
    )
    kept_users: int = parameter(
        10_000, "users who are remembered: who asked lately, whom a test was shown", low=1, high=10_000_000
    )
    warm_seconds: float = parameter(
        20.0, "seconds that a version may be warmed up for who asked lately", low=0, high=60
    )
    stop_seconds: float = parameter(
        10.0, "seconds that requests in flight have when it is stopped", low=1, high=600
    )
    log: str | None = parameter(None, "file that a line a request is added to; null = stderr")

    def conflicts(self) -> Iterator[str]:
        if not is_address(self.host):
            yield f"host must be an IP address or localhost, got {self.host!r}"
        if self.log is not None:
            yield from (f"log {problem}, got {self.log!r}" for problem in problems_of_file(self.log))

    @property
    def log_file(self) -> Path | None:
        """The file that was asked for, if one was."""
        return None if self.log is None else ROOT / self.log


def is_address(host: str) -> bool:
    """Say whether this is an address to listen on; names other than localhost may mean several."""
    try:
        return host == "localhost" or bool(ipaddress.ip_address(host))
    except ValueError:
        return False


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches an address."""
    return host == "localhost" or ipaddress.ip_address(host).is_loopback
