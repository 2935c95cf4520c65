"""What is said of a winner, and when nothing is called the best."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from report_samples import PARTS, REFERENCES, experiment, findings, per_user, reference, told, tuning_run

from pipeline.metrics import PerUser
from report.confirmation import Confirmation
from report.findings import Findings
from report.next_steps import deploy_line, next_steps
from report.verdict import verdict_lines


def lines(found: Findings) -> list[str]:
    return verdict_lines(*told(found))


def said(found: Findings) -> str:
    return " ".join(lines(found))


def noisy(skill: float, seed: int, users: int = 300) -> PerUser:
    """Measure users of ten ratings, each hit with this probability."""
    rng = np.random.default_rng(seed)
    share = rng.binomial(10, skill, size=users) / 10
    made = per_user(skill, users)
    hits = np.stack([np.round(share * 5), np.round(share * 5)], axis=1).astype(np.int32)
    return dataclasses.replace(made, hits=hits, ndcg=share)


def with_figures(figures: list[PerUser], baseline: PerUser) -> dict[str, Any]:
    return {"per_user": dict.fromkeys(PARTS, figures), "baseline": dict.fromkeys(PARTS, baseline)}


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.8, "better than"), (0.4, "worse than"), (0.6, "not distinguishable from")],
)
@pytest.mark.parametrize(
    ("metric", "name"),
    [("accuracy", "accuracy"), ("balanced_accuracy", "balanced accuracy"), ("ndcg", "NDCG@10")],
)
def test_the_winner_is_judged_in_words_on_what_chose_it_and_on_what_did_not(
    share: float, words: str, metric: str, name: str
) -> None:
    text = said(findings({1: share, 2: 0.0}, run=tuning_run(metric=metric)))
    assert f"Best: run_001, {name} {words} the baseline (" in text
    assert "on validation, the ratings that picked it out of 2." in text
    assert f"On the test ratings, which picked nothing: {name} {words} the baseline (" in text
    assert "No search looks at the test ratings; only reports do." in text


def test_one_trial_was_picked_out_of_none() -> None:
    text = said(findings({1: 0.8}))
    assert "on validation, measured alone." in text
    assert "luck" not in text
    assert "Holm" not in text


def test_what_holds_may_be_deployed_and_is_confirmed_next() -> None:
    found, judgement = told(findings({1: 0.8, 2: 0.4}))
    assert deploy_line(found, judgement) == "It may be deployed: it holds on ratings that did not pick it."
    steps = [step.command for step in next_steps(found, judgement)]
    assert steps == [
        "python src/tune_app.py -m search=confirm search.of=run",
        "python src/deploy_app.py experiment=run_001 dry_run=true",
        "python src/tune_app.py rerun=outputs/run/001",
        "python src/report_app.py report.run=run report.format=html",
    ]


@pytest.mark.parametrize(("share", "words"), [(0.6, "not distinguishable from"), (0.4, "worse than")])
def test_what_is_not_better_is_not_deployed_but_searched_on(share: float, words: str) -> None:
    found, judgement = told(findings({1: share, 2: 0.2}))
    assert deploy_line(found, judgement) == f"Do not deploy it: on test it is {words} the baseline."
    assert next_steps(found, judgement)[0].command == "python src/tune_app.py -m search=bayesian"


def test_the_next_commands_keep_the_places_of_the_run_and_drop_what_belongs_to_it() -> None:
    typed = (
        "python src/tune_app.py -m search=bayesian search.exploration_trials=5 hydra.sweeper.n_trials=9 "
        "data=synthetic data.users=50 split=timeline outputs=/tmp/out db.url=sqlite:////tmp/a.db run_id=run "
        "model.genre_weight=0.4 'objective=quality'"
    )
    found = findings({1: 0.6}, run=tuning_run(command=typed, tuning_method="bayesian"), database=["db.url=x"])
    commands = [step.command for step in next_steps(*told(found))]
    kept = "data=synthetic data.users=50 split=timeline outputs=/tmp/out db.url=sqlite:////tmp/a.db"
    assert commands == [
        f"python src/tune_app.py -m search=grid {kept} objective=quality",
        "python src/tune_app.py rerun=outputs/run/001 outputs=/tmp/out db.url=sqlite:////tmp/a.db",
        "python src/report_app.py report.run=run report.format=html db.url=x",
    ]


def test_a_winner_is_deployed_on_the_data_and_into_the_places_of_its_run() -> None:
    kept = "data=synthetic data.users=50 split=timeline outputs=/tmp/out db.url=sqlite:////tmp/a.db"
    typed = f"python src/tune_app.py -m search=bayesian {kept} objective=quality model=phase2 seed=3"
    found = findings({1: 0.8, 2: 0.4}, run=tuning_run(command=typed))
    commands = [step.command for step in next_steps(*told(found))]
    assert commands[1] == f"python src/deploy_app.py experiment=run_001 dry_run=true {kept}"


def test_luck_of_picking_is_named_where_equal_configurations_compete() -> None:
    figures = [noisy(0.6, seed) for seed in range(1, 41)]
    best = sorted(figures, key=lambda one: -one.hits.sum())
    text = said(findings(dict.fromkeys(range(1, 41), 0.61), **with_figures(best, noisy(0.6, 0))))
    (sentence,) = [line for line in lines_of(text) if line.startswith("Of the winner's lead")]
    assert sentence.endswith("is expected luck of picking the best of 40")
    luck = float(sentence.split(", ")[1].split()[0])
    lead = float(sentence.split()[5])
    assert 0.5 * lead < luck < 1.5 * lead
    assert "of 39 others are not distinguishable from the winner; on these users" in text


def lines_of(text: str) -> list[str]:
    return [sentence.strip() for sentence in text.split(". ")]


def test_without_competition_there_is_next_to_no_luck() -> None:
    figures = [noisy(0.9, 1), noisy(0.5, 2)]
    text = said(findings({1: 0.9, 2: 0.5}, **with_figures(figures, noisy(0.5, 0))))
    assert "0.000 is expected luck of picking the best of 2." in text
    assert "0 of 1 others are not distinguishable from the winner" in text


def test_configurations_that_measure_the_same_are_named_as_equals() -> None:
    text = said(findings({1: 0.8, 2: 0.8, 3: 0.8}))
    assert "2 of 2 others are not distinguishable from the winner: all measure the same." in text


def test_several_finalists_are_corrected_for_being_several() -> None:
    text = said(findings({1: 0.8, 2: 0.8, 3: 0.4}))
    # The smallest p-value of 9999 resamples, times three.
    assert "Of the 3 best, 2 are better than the baseline on test after Holm's correction" in text
    assert "(winner: p = 0.0006)." in text


def test_too_few_users_are_said_and_nothing_is_deployed() -> None:
    few = with_figures([per_user(0.8, 60)], per_user(0.6, 60))
    found, judgement = told(findings({1: 0.8}, **few))
    text = " ".join(verdict_lines(found, judgement))
    assert "Only 60 users count in accuracy: below 100 an interval may be too narrow" in text
    assert deploy_line(found, judgement) == "Do not deploy it: too few users were measured for a verdict."
    assert "users count" not in said(findings({1: 0.8}))


def test_a_reference_that_is_ahead_is_minded_and_one_that_is_not_is_not() -> None:
    ahead = {"popularity": reference(0.85), "bias": reference(0.9), "best constant": reference(0.95)}
    text = said(findings({1: 0.8}, run=tuning_run(reference_metrics=REFERENCES | ahead)))
    assert "Mind the reference: best constant has accuracy 0.9500 on validation, the winner 0.8000." in text
    assert "Mind the reference: best constant has accuracy 0.9500 on test, the winner 0.8000." in text
    equal = {"bias": reference(0.8)}
    assert "Mind" not in said(findings({1: 0.8}, run=tuning_run(reference_metrics=REFERENCES | equal)))


@pytest.mark.parametrize(
    ("absent", "words"),
    [
        (["popularity"], "popularity was"),
        (["baseline", "bias"], "baseline and bias were"),
        (list(REFERENCES), "baseline, best constant, popularity and bias were"),
    ],
)
def test_nothing_is_called_the_best_where_a_reference_is_missing(absent: list[str], words: str) -> None:
    there = {name: parts for name, parts in REFERENCES.items() if name not in absent}
    found, judgement = told(findings({1: 0.8, 2: 0.4}, run=tuning_run(reference_metrics=there)))
    text = verdict_lines(found, judgement)
    assert text[0] == f"Nothing is called the best: {words} not measured beside this run."
    assert text[1].startswith("Highest: run_001, accuracy better than the baseline")
    assert not any(line.startswith("Best") for line in text)
    reason = "what it has to be compared with was not measured"
    assert deploy_line(found, judgement) == f"Do not deploy it: {reason}."


def test_a_run_of_the_seed_has_a_highest_accuracy_and_no_best() -> None:
    nothing: dict[str, Any] = {"objective": None, "objective_value": None, "output_dir": None}
    seed = [experiment(n, share, **nothing) for n, share in ((1, 0.7), (2, 0.6))]
    gone: dict[str, Any] = {
        "per_user": {key: [None, None] for key in PARTS},
        "baseline": dict.fromkeys(PARTS, None),
    }
    found = findings({}, run=None, experiments=seed, ranked=seed, **gone)
    (line,) = lines(found)
    assert line.startswith("Nothing is called the best: run_001 has the highest recorded test accuracy")
    commands = [step.command for step in next_steps(*told(found))]
    assert commands[0] == "python src/tune_app.py -m search=random"
    assert not any("rerun" in command for command in commands)


def test_an_older_run_without_a_row_of_its_own_is_read_by_its_values() -> None:
    figures = dict.fromkeys(PARTS, None)
    found = findings({1: 0.8}, run=None, baseline=figures)
    assert found.metric == "accuracy"
    assert lines(found)[0].startswith("Nothing is called the best: baseline, best constant, pop")


def confirmed(before: list[float], after: list[float], split: str = "timeline") -> Findings:
    """Confirm the configurations of a run called first, which hit these shares there and here."""
    found = [experiment(n, share, experiment_id=f"first_{n:03d}") for n, share in enumerate(before, 1)]
    again = [experiment(n, share) for n, share in enumerate(after, 1)]
    figures = {key: [per_user(share) for share in after] for key in PARTS}
    made = Confirmation(tuning_run(tuning_run_id="first"), split, found, again)
    return findings(dict(enumerate(after, 1)), ranked=again, per_user=figures, confirmation=made)


def test_two_protocols_agree_about_the_winner() -> None:
    found, judgement = told(confirmed([0.8, 0.6, 0.4], [0.8, 0.4, 0.2]))
    text = " ".join(verdict_lines(found, judgement))
    assert "per_user and timeline agree that first_001 is the best of 3; Kendall's tau of their" in text
    assert "their orders is +1.00." in text
    assert "first_001, measured again as run_001, accuracy better than the baseline (+0.200" in text
    assert "picked" not in text
    assert deploy_line(found, judgement) == "It may be deployed: it holds where it was measured again."
    assert "confirm" not in " ".join(step.command for step in next_steps(found, judgement))


def test_two_slices_of_one_protocol_do_not_agree() -> None:
    found, judgement = told(confirmed([0.8, 0.6, 0.4], [0.4, 0.6, 0.8], split="per_user"))
    text = " ".join(verdict_lines(found, judgement))
    assert (
        "per_user on two slices do not agree: first_001 was the best of 3, now first_003 is; Kendall's tau "
        "of their orders is -1.00." in text
    )
    assert deploy_line(found, judgement) == "Do not deploy it: on validation it is worse than the baseline."
