from report_samples import findings

from pipeline.samples import RankingSample
from report.ranking_sample import ranking_sample_lines, ranking_sample_sentence


def test_a_sample_is_named_with_what_everybody_would_give() -> None:
    sample = RankingSample(users=10_000, of=160_000, ndcg=(0.1, 0.12), recall=(0.2, 0.25))
    assert ranking_sample_sentence(sample) == (
        "rankings: measured on a fixed sample of 10,000 of 160,000 users; of everybody NDCG@10 within "
        "[0.1000, 0.1200] and recall@10 within [0.2000, 0.2500] (95%, validation). Coverage is that of the "
        "sample, accuracy and RMSE those of all."
    )


def test_where_nothing_is_relevant_no_interval_is_named() -> None:
    sample = RankingSample(users=5, of=9, ndcg=None, recall=None)
    assert ranking_sample_sentence(sample).startswith(
        "rankings: measured on a fixed sample of 5 of 9 users. Coverage"
    )


def test_of_a_run_that_kept_no_rankings_nothing_is_said() -> None:
    assert ranking_sample_lines(findings({1: 0.7})) == []
