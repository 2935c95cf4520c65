"""What serve_app does: open the record, load what is active, say where it listens, serve until stopped."""

from db.engine import connect
from db.schema import prepare
from pipeline.parameters import InvalidInput
from service.app import make_app
from service.holder import Holder
from service.request_log import open_log
from service.server import listening, run, url_of
from service.settings import TOKEN, is_loopback
from sweep.command.command_line import refuse
from sweep.command.serve_settings import ServeSettings
from sweep.runs.environment import database_typed


def serve_until_stopped(settings: ServeSettings) -> None:
    """Serve until SIGTERM or Ctrl-C.

    Raises:
        SystemExit: 2 after one line, where the record cannot be opened or the port is taken.

    """
    serve = settings.serve
    try:
        engine = connect(settings.db_url)
        prepare(engine)
        opened = listening(serve.host, serve.port)
    except InvalidInput as error:
        refuse(error)  # here, as Hydra would say more than is of use
    open_log(serve.log_file)
    holder = Holder(engine, serve)
    holder.refresh()
    app = make_app(engine, holder, settings.revalidation, settings.token, database_typed())
    for line in _told(settings, url_of(opened), holder):
        print(line, flush=True)
    run(app, opened, serve.stop_seconds)


def _told(settings: ServeSettings, url: str, holder: Holder) -> list[str]:
    """Say where it listens, what answers, and who may change what."""
    serving = holder.serving
    answers = serving.why_not if serving.version is None else f"version {serving.version} answers"
    changes = f"need the token of {TOKEN}" if settings.token else f"are off, as {TOKEN} is not set"
    lines = [f"reeltune serves {url}; its API is on {url}/docs", answers, f"changes {changes}"]
    if not is_loopback(settings.serve.host):
        lines.append(f"whoever reaches {settings.serve.host} may read; put it behind TLS")
    return lines
