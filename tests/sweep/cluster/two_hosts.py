"""Two hosts on one machine: network namespaces, each with an address of its own, joined by a cable."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

IP = ("/usr/bin/env", "ip")
ADDRESSES = ("10.77.0.1", "10.77.0.2")


@dataclass(frozen=True)
class Host:
    name: str
    address: str

    @property
    def within(self) -> list[str]:
        """What stands before a command that is to run on this host."""
        return [*IP, "netns", "exec", self.name]


@contextmanager
def two_hosts() -> Iterator[tuple[Host, Host]]:
    """Make the hosts, which nobody but each other can reach, and take them away.

    Raises:
        PermissionError: where this needs rights that the user does not have, or iproute2 is missing.

    """
    first, second = (Host(f"rt{os.getpid()}{end}", at) for end, at in zip("ab", ADDRESSES, strict=True))
    try:
        for host in (first, second):
            _ip("netns", "add", host.name)
        cable = f"link add {first.name} type veth peer {second.name} netns {second.name}"
        _ip("-n", first.name, *cable.split())
        for host in (first, second):
            _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", host.name)
            for device in ("lo", host.name):
                _ip("-n", host.name, "link", "set", device, "up")
        yield first, second
    finally:
        for host in (first, second):
            subprocess.run([*IP, "netns", "del", host.name], capture_output=True, check=False)


def _ip(*words: str) -> None:
    try:
        subprocess.run([*IP, *words], capture_output=True, text=True, check=True)
    except subprocess.CalledProcessError as error:
        raise PermissionError(error.stderr.strip()) from None
