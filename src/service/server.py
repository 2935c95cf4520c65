"""One uvicorn worker: listening before it says so, and gone without a dropped request when told to stop."""

import signal
import socket
import sys
from types import FrameType

import uvicorn
from fastapi import FastAPI

from pipeline.parameters import InvalidInput

SWITCH_SECONDS = 0.001
KEEP_ALIVE_SECONDS = 75  # that a connection may be idle; clients that pool theirs keep them for less
BACKLOG = 2048  # connections that wait to be accepted


def listening(host: str, port: int) -> socket.socket:
    """Open a socket; whoever connects from now on waits until the application is there.

    Raises:
        InvalidInput: in one line, where the address is taken, or none of this machine's.

    """
    address = "127.0.0.1" if host == "localhost" else host
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # By its protocol asyncio knows that what is written shall be sent at once; else answers wait for 40 ms.
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((address, port))
        opened.listen(BACKLOG)
    except OSError as error:
        opened.close()
        raise InvalidInput(f"serve.port={port} on {host} cannot be used: {error.strerror}") from error
    return opened


def url_of(opened: socket.socket) -> str:
    """Give the address of a socket as a browser takes it."""
    host, port = opened.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(app: FastAPI, opened: socket.socket, stop_seconds: float) -> None:
    """Serve until SIGTERM or Ctrl-C; requests in flight are finished, for so many seconds at most."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            log_config=None,
            access_log=False,  # ours says which version answered
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=max(1, round(stop_seconds)),
        )
    )
    # A thread that loads a version lets the others run five times as often as it would.
    sys.setswitchinterval(SWITCH_SECONDS)
    # When it has stopped uvicorn raises the signal once more, for whoever waits for it: nobody does.
    signal.signal(signal.SIGTERM, _stopped)
    try:
        server.run(sockets=[opened])
    except KeyboardInterrupt:
        pass
    finally:
        opened.close()


def _stopped(_: int, __: FrameType | None) -> None:
    raise SystemExit(0)
