"""The searches that conf/search presets, and what makes a run of each a small one."""

from project import ROOT

SEARCHES = sorted(path.stem for path in (ROOT / "conf" / "search").glob("[!_]*.yaml"))
SMALLER = {
    "manual": [],
    "grid": ["model.rating_weight=0.3", "model.genre_boost_low=-0.2"],
    "confirm": ["search.best=1"],
    "sensitivity": ["search.steps=2"],
    "refine": ["hydra.sweeper.n_trials=5"],
    "phase2": ["model.user_preference_weight=0.1", "model.franchise_depth_scale=1.0"],
}


def smaller(search: str) -> list[str]:
    """Name the overrides that leave a few trials of a search, two where it counts them."""
    return SMALLER.get(search, ["hydra.sweeper.n_trials=2"])
