"""`medkg serve`."""

from __future__ import annotations

import contextlib
import socket
import sys
from typing import Annotated

import typer

from qa.runtimes import ReaderChoice, Runtime
from server.commands.common import GraphOption, ModelOption, NoReaderOption, RuntimeOption, ServeError, SnapshotOption, service_of
from server.settings import Settings

_BACKLOG = 128
_SETTINGS = Settings()

AtOnceOption = Annotated[
    int, typer.Option("--at-once", min=1, help="Questions worked on at the same time; the reader reads them in one batch.")
]
RememberedOption = Annotated[
    int, typer.Option("--remember", min=0, help="Results of the reader kept in memory, for the same question; 0 keeps none.")
]


def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option("--host", help="Address to listen at; 0.0.0.0 takes calls from other machines.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen at; 0 takes a free one.")] = 8000,
    snapshot: SnapshotOption = None,
    graph: GraphOption = None,
    model: ModelOption = None,
    runtime: RuntimeOption = Runtime.AUTO,
    no_reader: NoReaderOption = False,
    at_once: AtOnceOption = _SETTINGS.at_once,
    remembered: RememberedOption = _SETTINGS.remembered,
) -> None:
    """Serve questions over HTTP, with a page at / and the interface described at /docs."""
    with bind(host, port) as listening:
        settings = Settings(at_once=at_once, remembered=remembered)
        choice = ReaderChoice(model, runtime, settings.remembered, settings.at_once)
        service = service_of(context, snapshot, graph, choice, not no_reader)
        import uvicorn  # noqa: PLC0415 - only this command serves

        from server.app import create_app  # noqa: PLC0415 - FastAPI takes half a second to import, and only this command needs it

        # No access log: the address of a question asked without JavaScript holds the question.
        app = create_app(service.pipeline, service.linker, settings)
        config = uvicorn.Config(app, access_log=False, log_level="warning", server_header=False)
        listening.listen(_BACKLOG)
        print(f"medkg answers at {address(listening)} (Ctrl-C stops it)", file=sys.stderr, flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            uvicorn.Server(config).run(sockets=[listening])


def bind(host: str, port: int) -> socket.socket:
    """Take the port, without listening yet, so that a port in use is known before anything is opened.

    Raises:
        ServeError: The port is in use, or the host is not one of this machine's.
    """
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ServeError(f"{host} is no address to listen at: {error.strerror or error}") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
    except OSError as error:
        listening.close()
        reason = (error.strerror or str(error)).lower()
        raise ServeError(f"port {port} of {host} cannot be taken: {reason}; --port names another") from error
    return listening


def address(listening: socket.socket) -> str:
    """Return the address of a socket as a browser takes it.

    >>> with bind("127.0.0.1", 0) as listening:
    ...     address(listening).startswith("http://127.0.0.1:")
    True
    """
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
