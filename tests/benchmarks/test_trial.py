import numpy as np
import pytest

from pipeline.hyperparameters import MODELS
from trial import BURST, CHANGES, medians_ms

changes = [(model, named) for model, of_model in CHANGES.items() for named in of_model]


@pytest.mark.parametrize(("model", "named"), changes)
def test_no_trial_is_one_of_those_that_are_kept(model: str, named: str) -> None:
    tried = [MODELS[model](**CHANGES[model][named](i)) for i in range(2 * BURST)]
    assert len(set(tried)) == len(tried)


def test_works_take_turns_and_no_run_is_the_one_before() -> None:
    runs: list[tuple[str, int]] = []
    found = medians_ms(2 * BURST, lambda i: runs.append(("ours", i)), lambda i: runs.append(("theirs", i)))
    assert [name for name, _ in runs[:: BURST + 1]] == ["ours", "theirs", "ours", "theirs"]
    assert (np.diff([i for _, i in runs])[np.arange(1, len(runs)) % (BURST + 1) > 0] == 1).all()
    assert len(found) == 2
