"""Requests at scheduled times: none waits for another, and what is late counts from when it was due."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from service_load import Load, closed_loop, open_loop

SLOW, SECONDS = "/slow", 0.3


async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer what comes over one connection; /slow slowly, /none with a 404."""
    while line := (await reader.readline()).decode():
        await reader.readuntil(b"\r\n\r\n")
        path = line.split()[1]
        await asyncio.sleep(SECONDS if path == SLOW else 0)
        status = b"404 Not Found" if path == "/none" else b"200 OK"
        writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\n\r\n{}")
    writer.close()


@asynccontextmanager
async def listening() -> AsyncIterator[int]:
    server = await asyncio.start_server(answered, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        await asyncio.sleep(0.05)  # until each connection has seen its end


async def loaded(paths: list[str], per_second: float) -> Load:
    async with listening() as port:
        return await open_loop(port, paths, per_second)


def test_a_slow_answer_holds_up_nobody() -> None:
    load = asyncio.run(loaded([SLOW, *["/"] * 20], per_second=200))
    assert (len(load.milliseconds), load.errors) == (21, [])
    assert sum(one >= 1000 * SECONDS for one in load.milliseconds) == 1
    assert max(load.milliseconds) == load.milliseconds[-1]


def test_an_answer_that_is_none_is_an_error() -> None:
    load = asyncio.run(loaded(["/", "/none", "/"], per_second=200))
    assert load.errors == ["status 404"]


def test_where_nobody_listens_every_request_is_an_error() -> None:
    load = asyncio.run(open_loop(1, ["/"] * 3, per_second=200))
    assert load.errors == ["ConnectionRefusedError"] * 3


def test_a_closed_loop_counts_answers() -> None:
    async def counted() -> float:
        async with listening() as port:
            return await closed_loop(port, [SLOW], seconds=0.5, connections=2)

    # Two connections, each answered twice before it looks at the clock again.
    assert asyncio.run(counted()) == 4 / 0.5
