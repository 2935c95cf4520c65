"""Two aims: the trials that no other beats in both."""

from report_samples import experiment, findings, tuning_run

from report.findings import Findings
from report.front import front, front_table

#                 beaten by 2   best in both halves      the best in one   beaten by 2
VALUES = {1: (0.5, 0.1), 2: (0.6, 0.3), 3: (0.7, 0.2), 4: (0.6, 0.2)}


def two_aims(second: str | None = "ndcg") -> Findings:
    experiments = [
        experiment(n, accuracy, validation={"accuracy": accuracy, "ndcg": ndcg})
        for n, (accuracy, ndcg) in VALUES.items()
    ]
    undefined = experiment(5, 0.9, validation={"accuracy": 0.9, "ndcg": None})
    return findings({}, run=tuning_run(second_metric=second), experiments=[*experiments, undefined])


def test_the_front_is_in_the_order_of_the_first_aim() -> None:
    assert [one.trial_number for one in front(two_aims(), "accuracy", "ndcg")] == [2, 3]


def test_the_table_has_the_front_and_what_stands_beside_it() -> None:
    table = front_table(two_aims())
    assert table is not None
    assert [list(map(str, row)) for row in table.rows] == [
        ["002", "0.6000", "0.3000"],
        ["003", "0.7000", "0.2000"],
        ["baseline", "0.6000", "0.6000"],
        ["best constant", "0.3000", "–"],
        ["popularity", "–", "0.2000"],
        ["bias", "0.4000", "0.4000"],
    ]


def test_a_run_with_one_aim_has_no_such_table() -> None:
    assert front_table(two_aims(second=None)) is None


def test_where_nothing_is_defined_there_is_no_front() -> None:
    assert front(findings({1: None}), "accuracy", "ndcg") == []
