"""Who takes part, in the order of the table."""

from peers.ease import EASE
from peers.implicit_peers import IMPLICIT
from peers.lenskit_peers import LENSKIT
from peers.myfm_peers import MYFM
from peers.peer import Peer
from peers.reeltune_models import own_models
from peers.simple import SIMPLE
from peers.surprise_peers import SURPRISE


def all_peers() -> dict[str, Peer]:
    """List every peer by its name: trivial ones, then who predicts ratings, who ranks, and our own models."""
    others = (*SURPRISE, *LENSKIT, *MYFM, EASE, *IMPLICIT)
    raters, rankers = ([p for p in others if p.predicts is rates] for rates in (True, False))
    return {peer.name: peer for peer in (*SIMPLE, *raters, *rankers, *own_models())}
