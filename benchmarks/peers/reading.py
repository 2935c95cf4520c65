"""The words that it takes to read the table; their figures come from the rows."""

import statistics
from collections.abc import Callable, Iterable, Iterator, Sequence

from peers.rows import NAMES, Row, figure


def reading(rows: Sequence[Row]) -> Iterator[str]:
    """Say what the table says, and what it does not, one text a point."""
    yield f"""
        **Accuracy** is the share of ratings predicted within 0.2, one star of five. A whole star covers
        three levels of the scale, anything else two, so that moving predictions to the star grid,
        *snapped*, lifts it without knowing more{lifted(rows)}. What answers in whole stars by itself is to
        be held against the others' snapped columns, all else against the plain ones."""
    yield f"""
        **A constant does well**{constant(rows)}: most ratings are three to five stars. Balanced accuracy,
        where each rating level counts alike, gives a constant three levels of five at most."""
    yield f"""
        **Ratings and rankings are two questions**: a high predicted rating is not what a user rates
        next{leaders(rows)}. Libraries answer one of the two well; what was chosen by the one shows little
        of what it could do for the other."""
    yield f"""
        **Noise**: half a 95% interval over users is {typical(rows)}, for the median row. Two rows that
        differ by less are not in any order that can be trusted without a comparison in pairs; one seed and
        a small budget add to that."""
    yield """
        **Seconds a trial** are the median of one fit, a ranking of the full catalogue and the metrics on
        validation, on a machine with other work; ratios say more. The catalogue is scored from the fitted
        arrays where a library predicts one pair at a time (Surprise, myFM), and user by user in LensKit."""
    yield """
        **reeltune's models** share their budget with the others and have some twenty hyperparameters to
        the others' two to five: they gain from more trials than this. `(accuracy)` and `(quality)` are two
        searches of one model, with what is shipped as the first trial; `(as shipped)` is that trial, of
        which phase3's was found by a longer search on this validation. phase3 has two faces: it is measured
        by its answers in accuracy, by its expected ratings in RMSE, by its score in the rankings."""
    yield """
        **What this is not**: libraries at their best. A space of our choosing and a small budget favour
        what has little to tune."""


def lifted(rows: Iterable[Row]) -> str:
    """Say what snapping does to the rating predictor with the least error."""
    row = first(rows, "rmse", min, lambda row: row.peer.chosen_by == "rmse")
    if row is None:
        return ""
    return f" ({row.peer.name}: from {figure(row.metric('accuracy'))} to {figure(row.snapped['accuracy'])})"


def constant(rows: Iterable[Row]) -> str:
    row = first(rows, "accuracy", max, lambda row: row.peer.name == "best constant")
    if row is None or row.tuned.test.predicted is None:
        return ""
    stars = row.tuned.test.predicted[0] * row.stars
    return f" (always {stars:g} stars: {figure(row.metric('accuracy'))})"


def leaders(rows: Sequence[Row]) -> str:
    """Name the best of both kinds, as far as they are there."""
    best = (("rmse", first(rows, "rmse", min)), ("ndcg", first(rows, "ndcg", max)))
    named = [
        f"the best {NAMES[metric]} is {row.peer.name}'s, {figure(row.metric(metric))}"
        for metric, row in best
        if row is not None
    ]
    return f" ({'; '.join(named)})" if named else ""


def typical(rows: Iterable[Row]) -> str:
    margins = {name: [row.margins[name] for row in rows if name in row.margins] for name in NAMES}
    return ", ".join(
        f"{statistics.median(values):.3f} in {NAMES[name]}" for name, values in margins.items() if values
    )


def first(
    rows: Iterable[Row],
    metric: str,
    best: Callable[..., Row],
    asked: Callable[[Row], bool] = lambda _: True,
) -> Row | None:
    """Find the best of those that have a metric and are asked for."""
    having = [row for row in rows if row.metric(metric) is not None and asked(row)]
    return best(having, key=lambda row: row.metric(metric)) if having else None
