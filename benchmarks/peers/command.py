"""The command: what is missing is run and kept, what is kept becomes the table."""

import argparse
import sys
import time
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

from peers.document import document
from peers.peer import Peer
from peers.record import FOLDER, INSTALL, keep, kept, library_version, place_of
from peers.registry import all_peers
from peers.tuning import BUDGET, SEED, Tuned, tuned
from pipeline.evaluation import Problem
from pipeline.parameters import InvalidInput
from pipeline.sources import MovieLens100K, load
from pipeline.split import PerUserTimeline, split_ratings
from project import ROOT

DOCUMENT = ROOT / "docs" / "peers.md"


def main(arguments: Sequence[str] | None = None) -> int:
    peers = all_peers()
    asked = parsed(arguments, peers)
    # myFM's own import of it, of which nothing follows for who runs this.
    warnings.filterwarnings("ignore", "pkg_resources is deprecated", UserWarning)
    try:
        problem = movielens()
        run([peers[name] for name in asked.peers], problem, asked.trials, asked.kept)
    except InvalidInput as mistake:
        tell(str(mistake))
        return 2
    found = collected(peers.values(), problem, asked.trials, asked.kept)
    write(document(peers, found, problem, asked.trials), asked.output or page(peers, found, asked.trials))
    return 0


def parsed(arguments: Sequence[str] | None, peers: Iterable[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python benchmarks/peers",
        description="What users would pick instead, on the same data, split and metrics.",
        epilog=f"It needs the extra peers: {INSTALL}",
    )
    names = list(peers)
    parser.add_argument("--peers", nargs="+", choices=names, default=names, metavar="NAME")
    parser.add_argument("--trials", type=int, default=BUDGET, help=f"configurations of each, {BUDGET}")
    parser.add_argument("--output", type=Path, help="write the table here, complete or not")
    parser.add_argument("--kept", type=Path, default=FOLDER, help="folder of what is finished, outputs/peers")
    asked = parser.parse_args(arguments)
    if asked.trials < 1:
        parser.error(f"--trials must be at least 1, got {asked.trials}")
    return asked


def movielens() -> Problem:
    dataset = load(MovieLens100K())
    return Problem(dataset, split_ratings(dataset, PerUserTimeline()))


def run(wanted: Sequence[Peer], problem: Problem, budget: int, folder: Path) -> None:
    """Tune and keep what is not kept yet.

    Raises:
        InvalidInput: where the library of one of them is missing, before anything is run.

    """
    places = [place_of(peer, problem, budget, SEED, folder) for peer in wanted]
    for number, (peer, path) in enumerate(zip(wanted, places, strict=True), start=1):
        head, started = f"[{number}/{len(wanted)}] {peer.name}", time.monotonic()
        if path.is_file():
            tell(f"{head} is kept in {path}")
        else:
            tell(head)
            keep(tuned(peer, problem, budget, SEED, tell), path)
            tell(f"{head} took {time.monotonic() - started:.0f} s")


def collected(peers: Iterable[Peer], problem: Problem, budget: int, folder: Path) -> dict[str, Tuned]:
    """Read what is kept, by the peer's name; one whose library is missing cannot be told to be of today."""
    found: dict[str, Tuned] = {}
    for peer in peers:
        if is_installed(peer):
            result = kept(place_of(peer, problem, budget, SEED, folder))
            found |= {peer.name: result} if result is not None else {}
    return found


def is_installed(peer: Peer) -> bool:
    try:
        library_version(peer)
    except InvalidInput:
        return False
    return True


def page(peers: dict[str, Peer], found: dict[str, Tuned], budget: int) -> Path | None:
    """Return the page in docs where the table is complete; None where it would lose rows."""
    return DOCUMENT if len(found) == len(peers) and budget == BUDGET else None


def write(text: str, path: Path | None) -> None:
    if path is None:
        print(text)
        tell(f"docs/{DOCUMENT.name} is left as it is: it takes all peers, {BUDGET} trials each")
    else:
        path.write_text(text, encoding="utf-8")
        tell(f"written to {path}")


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
