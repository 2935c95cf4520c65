"""The record as deploy_app opens it: to look at, to switch between versions, to add one."""

from sqlalchemy import Engine

from db.deployment.answers import Version
from db.deployment.versions import active, version_of, versions
from db.engine import connect, is_there
from db.schema import HEAD, at_head, prepare
from db.snapshot import snapshot
from pipeline.parameters import InvalidInput, near


def opened_to_write(url: str) -> Engine:
    """Open the record to write to it."""
    engine = connect(url)
    prepare(engine)
    return engine


def looked_at(url: str) -> Engine | None:
    """Open the record so that it stays as it is; None where nothing ever was recorded."""
    if not is_there(url):
        return None
    engine = connect(url) if not url.startswith("sqlite") else None
    if engine is not None and not at_head(engine):
        raise InvalidInput(
            f"db.url must hold schema {HEAD} for a look at it; any run of tune_app brings it there"
        )
    return snapshot(url)


def recorded(url: str) -> Engine:
    """Open a record that holds versions, so that it stays as it is.

    Raises:
        InvalidInput: there is none yet.

    """
    engine = looked_at(url)
    if engine is None or not versions(engine, limit=1):
        raise InvalidInput(
            "there is no version yet; python src/deploy_app.py experiment=best deploys the best experiment"
        )
    return engine


def opened_to_switch(url: str) -> Engine:
    """Open a record that holds versions, to switch between them."""
    recorded(url)
    return opened_to_write(url)


def existing_version(engine: Engine, number: int, key: str) -> Version:
    """Return the version that was asked for under a key.

    Raises:
        InvalidInput: there is none of this number.

    """
    found = version_of(engine, number)
    if found is None:
        there = [str(one.version) for one in versions(engine)]
        raise InvalidInput(f"{key}={number} does not exist{near(str(number), there, f'{key}=')}")
    return found


def asked_or_active(engine: Engine, number: int | None, key: str) -> Version:
    """Return the version that was asked for under a key, or the active one where none was."""
    now = active(engine)
    if number is None and now is None:
        raise InvalidInput(f"{key} must be the number of a version, as none is active")
    return existing_version(engine, number or (now.version if now else 0), key)
