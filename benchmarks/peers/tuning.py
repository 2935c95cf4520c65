"""The same small budget for everybody: the library's own values, then draws by TPE, judged on validation."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import optuna

from peers.peer import Answer, Peer, Ratings, answer, measured
from pipeline.evaluation import Problem

BUDGET = 15
SEED = 42
# Draws before the sampler models what went well, as in conf/search/bayesian.yaml.
STARTUP = 5
LOWER_IS_BETTER = ("rmse", "mae")


@dataclass(frozen=True)
class Trial:
    """One configuration, fitted on train and measured on validation."""

    values: dict[str, Any]
    metric: float  # the one that chooses
    seconds: float  # of the fit, the full ranking and the metrics


@dataclass(frozen=True, eq=False)
class Tuned:
    """What a peer's budget found, and what the chosen configuration says of test after a refit."""

    trials: list[Trial]
    chosen: int  # number of the trial that validation chose
    test: Answer

    @property
    def best(self) -> Trial:
        return self.trials[self.chosen]

    @property
    def seconds(self) -> float:
        """Median of a trial."""
        return statistics.median(trial.seconds for trial in self.trials)


def tuned(
    peer: Peer, problem: Problem, budget: int = BUDGET, seed: int = SEED, tell: Callable[[str], None] = print
) -> Tuned:
    """Choose on validation, refit on train + validation, answer test; what has no space has one trial."""
    study = study_of(peer, seed)
    trials: list[Trial] = []
    for number in range(budget if peer.space else 1):
        asked = study.ask(dict(peer.space))
        trials.append(tried(peer, problem, seed, asked.params))
        study.tell(asked, trials[-1].metric)
        tell(f"{peer.name}, trial {number + 1}: {peer.chosen_by} {trials[-1].metric:.4f}")
    chosen = study.best_trial.number
    refit = Ratings(problem.dataset, problem.train_and_validation)
    return Tuned(trials, chosen, answer(peer, refit, problem.test, seed, trials[chosen].values))


def study_of(peer: Peer, seed: int) -> optuna.Study:
    """Begin a study in memory with the default; equal seeds draw equally."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP, multivariate=True)
    direction = "minimize" if peer.chosen_by in LOWER_IS_BETTER else "maximize"
    study = optuna.create_study(sampler=sampler, direction=direction)
    study.enqueue_trial(dict(peer.default))
    return study


def tried(peer: Peer, problem: Problem, seed: int, values: dict[str, Any]) -> Trial:
    started = time.perf_counter()
    given = answer(peer, Ratings(problem.dataset, problem.train), problem.validation, seed, values)
    metric = measured(given, problem.validation).metrics[peer.chosen_by]
    assert metric is not None
    return Trial(values, metric, time.perf_counter() - started)
