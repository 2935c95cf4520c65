"""On whom rankings were measured where not on everybody, in a sentence."""

from pipeline.samples import RankingSample, ranking_sample
from report.findings import Findings
from report.tables import number


def ranking_sample_lines(findings: Findings) -> list[str]:
    """Say how large the sample is and how sure it makes the winner's figures; nothing of everybody."""
    figures = findings.per_user["validation"][0]
    sample = None if figures is None else ranking_sample(figures)
    return [] if sample is None or sample.is_everybody else [ranking_sample_sentence(sample)]


def ranking_sample_sentence(sample: RankingSample) -> str:
    """Name the sample, and the 95% intervals of what everybody would have given."""
    intervals = [
        f"{name} within [{number(interval[0])}, {number(interval[1])}]"
        for name, interval in (("NDCG@10", sample.ndcg), ("recall@10", sample.recall))
        if interval is not None
    ]
    everybody = f"; of everybody {' and '.join(intervals)} (95%, validation)" if intervals else ""
    return (
        f"rankings: measured on a fixed sample of {sample.users:,} of {sample.of:,} users{everybody}. "
        "Coverage is that of the sample, accuracy and RMSE those of all."
    )
