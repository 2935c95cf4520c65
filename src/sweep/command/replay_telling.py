"""What deploy_app prints of an offline replay; that it is one is said first, and again beside the verdict."""

from rich.console import Console

from deployment.ab_testing.lifecycle import Standing
from report.tables import Column, Table, change, number
from report.terminal import print_table


def print_replay(out: Console, found: Standing) -> None:
    """Print both versions' figures, what the difference may be, and what that allows to say."""
    test, judgement = found.test, found.judgement
    out.print(
        f"Test {test.ab_test_id} is an {found.label}, no A/B test: nobody was shown anything. Both versions, "
        "fitted on train + validation, foretold the ratings of the test part in the order of time.",
        soft_wrap=True,
    )
    accuracy = judgement.accuracy
    spans = "–" if accuracy.low is None else f"[{change(accuracy.low)}, {change(accuracy.high)}]"
    columns = (
        Column("mean over users", numeric=False),
        Column(f"version {test.champion_version}"),
        Column(f"version {test.challenger_version}"),
        Column("difference"),
        Column(f"always-valid {1 - found.plan.alpha:.4g} interval"),
    )
    figures = (number(accuracy.champion), number(accuracy.challenger), change(accuracy.difference))
    print_table(out, Table(found.label, columns, [[["accuracy", *figures, spans]]]))
    out.print(f"{judgement.verdict}: {judgement.reason}.", soft_wrap=True)
