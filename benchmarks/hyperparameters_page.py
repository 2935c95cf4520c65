"""docs/HYPERPARAMETERS.md: what each hyperparameter is, what was measured of it, why it stays."""

from collections.abc import Iterable, Iterator, Sequence

from definitions import definitions, needs, shown, table
from earning import Models, change_of, reason, told, verdict
from moves import TOLD, Move, Surroundings
from pipeline.hyperparameters import MODELS
from pipeline.parameters import parameters
from presets import preset

INTRODUCTION = """\
# Hyperparameters

What each is, what it does on MovieLens-100K validation, why it stays; written by this command:

    python benchmarks/hyperparameters.py

Each is moved alone, all else as it is, over the values of `search=sensitivity`: {steps} from end to end of
its tunable range, all of a choice. One whose weight is small as shipped looks dead there and need not be;
so each is moved again about the best of {trials} trials for accuracy, and about the best of {trials} for
quality.

The tables give the lowest and the highest change, and the value of the highest where it is a gain. `*`:
users can tell it from no change (paired bootstrap, corrected by Holm for all moves about that
configuration). RMSE is in stars, lower is better. The last column is the largest share of users whose ten,
or their order, changed. A tuned configuration was picked by these ratings, so that part of what a move
costs there is luck.

A hyperparameter **gains** where users can tell a move to be better: as shipped in accuracy or NDCG@10,
about a tuned configuration in what it was tuned for, since any other level of all scores moves accuracy
elsewhere. It **only costs** where they can tell some to be worse and none to be better, is **within noise**
where they can tell none, and **dead** where no metric and nobody's ten changes. One that does not gain is
removed, or has its reason to stay."""

NEEDED = """\
A hyperparameter cannot matter on data that lack what it needs; one that takes its share from others only
scales them then, and one that needs an order goes by the movies' ids. The report on data (`report=data`) says
which those are on data of your own."""


def document(models: Models, trials: int) -> str:
    return "\n".join(_lines(models, trials)) + "\n"


def introduction(trials: int) -> str:
    steps = preset("search=sensitivity").settings.search.steps
    return INTRODUCTION.format(steps=steps, trials=trials)


def _lines(models: Models, trials: int) -> Iterator[str]:
    yield introduction(trials)
    yield from ["", "## In short", "", *in_short(models)]
    yield from ["", "## What data must have", "", NEEDED, "", *needs()]
    for model, studied in models.items():
        yield from ["", f"## model={model}", "", *definitions(model)]
        yield from ["", f"### {model}: does each earn its place?", "", *verdicts(model, models)]
        for one in studied:
            yield from ["", f"### {model} {one.title}", "", *effects(one)]


def in_short(models: Models) -> Iterator[str]:
    """List the hyperparameters of each model by their verdicts."""
    for model, studied in models.items():
        found: dict[str, list[str]] = {}
        for name in parameters(MODELS[model]):
            found.setdefault(verdict(name, studied), []).append(f"`{name}`")
        yield f"* model={model}"
        yield from (f"  * {words}: {', '.join(names)}" for words, names in sorted(found.items()))


def verdicts(model: str, models: Models) -> Iterator[str]:
    """Lay out whether each hyperparameter earns its place, what it gains at most, and why it stays."""
    studied, gains = models[model], [f"most gained in {title}" for title in TOLD.values()]
    rows = (
        (
            f"`{name}`",
            verdict(name, studied),
            *(most_gained(name, studied, metric) for metric in TOLD),
            reason(name, model, models) or "",
        )
        for name in parameters(MODELS[model])
    )
    return table(("hyperparameter", "verdict", *gains, "why it stays"), rows)


def most_gained(name: str, studied: Sequence[Surroundings], metric: str) -> str:
    """Find the largest gain that users can tell, its value and where; – where there is none."""
    gains = [
        (change_of(move, metric) or 0.0, shown(move.value), one.title)
        for one in studied
        for move in told(name, [one], metric, 1)
    ]
    if not gains:
        return "–"
    gain, value, title = max(gains, key=lambda found: found[0])
    return f"{signed(gain)} at {value}, {title}"


def effects(one: Surroundings) -> Iterator[str]:
    """Lay out what each hyperparameter does about one configuration."""
    yield "Accuracy {accuracy:.4f}, NDCG@10 {ndcg:.4f}, RMSE {rmse:.4f}.".format(
        **one.center.measured.metrics
    )
    yield ""
    if one.command is not None:
        yield from ["Found by:", "", f"    {one.command}", ""]
    names = dict.fromkeys(move.name for move in one.moves)
    titles = ("hyperparameter", "is", "tried", *TOLD.values(), "RMSE", "ten changed")
    yield from table(titles, (_effect_row(name, one) for name in names))


def _effect_row(name: str, one: Surroundings) -> tuple[str, ...]:
    moves = [move for move in one.moves if move.name == name]
    return (
        f"`{name}`",
        shown(getattr(one.center.hyperparameters, name)),
        ", ".join(shown(move.value) for move in moves),
        *(ends(moves, metric) for metric in (*TOLD, "rmse")),
        f"{max(move.effect.users_changed for move in moves):.0%}",
    )


def ends(moves: Iterable[Move], metric: str) -> str:
    """Write the lowest and the highest change, and the value of the highest where it is a gain."""
    found = [(change, move) for move in moves if (change := change_of(move, metric)) is not None]
    if not found:
        return "–"
    ordered = sorted(found, key=lambda one: one[0])
    changes = [signed(change) + "*" * (metric in move.told) for change, move in ordered]
    gained = metric in TOLD and round(ordered[-1][0], 4) > 0
    at = f" at {shown(ordered[-1][1].value)}" if gained else ""
    return " ".join(dict.fromkeys((changes[0], changes[-1]))) + at


def signed(change: float) -> str:
    """Write a change with its sign; what rounds to nothing has none."""
    return f"{change:+.4f}" if round(change, 4) else "0"
