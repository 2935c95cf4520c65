"""Requests at scheduled times over connections that stay open: what is late counts from when it was due."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

TIMEOUT = 10.0  # seconds until an answer counts as missing


@dataclass
class Load:
    """What came of the requests."""

    milliseconds: list[float] = field(default_factory=list)  # from when each was due to its answer
    errors: list[str] = field(default_factory=list)


class Connection:
    """One connection that stays open; it knows as much of HTTP as a benchmark needs."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @staticmethod
    async def to(port: int) -> "Connection":
        return Connection(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, path: str) -> int:
        """Ask for a path, read the whole answer, and return its status."""
        self._writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        status, *lines = head.decode().split("\r\n")
        headers = {line.partition(":")[0].lower(): line.partition(":")[2] for line in lines if line}
        await self._reader.readexactly(int(headers["content-length"]))
        return int(status.split()[1])

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


async def open_loop(port: int, paths: Sequence[str], per_second: float) -> Load:
    """Send each request when it is due, whether or not the ones before are answered."""
    load, idle, asked = Load(), list[Connection](), list[asyncio.Task[None]]()
    started = time.perf_counter()
    for number, path in enumerate(paths):
        due = started + number / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        asked.append(asyncio.create_task(_asked(port, path, due, idle, load)))
    await asyncio.gather(*asked)
    for connection in idle:
        await connection.close()
    return load


async def _asked(port: int, path: str, due: float, idle: list[Connection], load: Load) -> None:
    try:
        connection = idle.pop() if idle else await Connection.to(port)
        status = await asyncio.wait_for(connection.ask(path), TIMEOUT)
        idle.append(connection)
        if status != 200:
            load.errors.append(f"status {status}")
    except (OSError, EOFError, TimeoutError) as error:
        load.errors.append(type(error).__name__)
    load.milliseconds.append(1000 * (time.perf_counter() - due))


async def closed_loop(port: int, paths: Sequence[str], seconds: float, connections: int) -> float:
    """Ask as fast as answers come, over a few connections at once; return the answers a second."""
    until, answered = time.perf_counter() + seconds, 0

    async def one(offset: int) -> None:
        nonlocal answered
        connection, number = await Connection.to(port), offset
        while time.perf_counter() < until:
            await connection.ask(paths[number % len(paths)])
            answered, number = answered + 1, number + connections
        await connection.close()

    await asyncio.gather(*(one(offset) for offset in range(connections)))
    return answered / seconds
