"""What is told of ratings before anything is tuned on them, whatever form it takes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pipeline.audit import Audit, Known, Part, Spread
from pipeline.audit.levels import Bar
from pipeline.audit.looked import Oddity
from pipeline.reach import CAN, VERDICTS, Reach
from pipeline.sources.intake import Finding, Intake
from report.next_steps import Step
from report.summary import Figure
from report.tables import Column, Row, Table

WIDEST = 24  # blocks of a bar
GRAVE = "Grave: "  # before what makes figures not to be believed


@dataclass(frozen=True)
class DataFound:
    """An audit, what of it is suspicious, and what it says of hyperparameters."""

    audit: Audit
    split: str  # name of the protocol
    model: str
    oddities: Sequence[Oddity]
    reaches: Sequence[Reach]
    intake: Intake | None  # None of data that was made in memory
    steps: Sequence[Step]


@dataclass(frozen=True)
class Section:
    """A heading, and what stands under it in this order."""

    title: str
    lines: Sequence[str] = ()
    figures: Sequence[Figure] = ()
    tables: Sequence[Table] = ()


def title(found: DataFound) -> str:
    sizes = found.audit.sizes
    return (
        f"{found.audit.name}: {sizes.ratings:,} ratings of {sizes.movies:,} movies by {sizes.users:,} users"
    )


def sections(found: DataFound) -> list[Section]:
    """Tell everything, what to look at first; the next steps stand apart, as each form writes commands."""
    model = f"What of model={found.model} can matter here"
    return [
        Section("What to look at", lines=list(_suspicions(found))),
        Section("Summary", figures=list(_summary(found.audit))),
        Section("Ratings", tables=[bars_table(found.audit), _spreads(found.audit)]),
        Section("Movies", tables=[_known(found.audit)]),
        _split(found),
        *([] if found.intake is None else [_read(found.intake)]),
        Section(model, lines=[_able(found.reaches)], tables=list(_unable(found.reaches))),
    ]


def _suspicions(found: DataFound) -> Iterator[str]:
    """Say what is suspicious, the gravest first and marked."""
    if not found.oddities:
        yield "Nothing is suspicious."
    for one in found.oddities:
        yield f"{GRAVE if one.is_grave else ''}{one.said}{'' if one.said.endswith('?') else '.'}"


def _summary(audit: Audit) -> Iterator[Figure]:
    sizes, levels, times = audit.sizes, audit.levels, audit.times
    liked = f"{levels.relevant:.1%} are {levels.scale * 0.8:g} or more, which counts as liked"
    yield Figure("rated pairs", f"{sizes.density:.3%} of all users with all movies")
    yield Figure("mean rating", f"{levels.mean:.3f} of {levels.scale:g}; {liked}")
    yield Figure("from", f"{times.first.replace('T', ' ')} UTC")
    yield Figure("to", f"{times.last.replace('T', ' ')} UTC, {times.days:,.0f} days later")
    yield Figure("same second", f"{times.tied:.1%} of the ratings have another by their user in it")
    yield Figure("genres", f"{sizes.genres:,}")
    yield Figure("actors", f"{sizes.actors:,}")
    yield Figure("franchises", f"{sizes.franchises:,}")
    yield Figure("movies never rated", f"{sizes.unrated_movies:,} of {sizes.movies:,}")
    yield Figure("fingerprint", audit.fingerprint)
    yield Figure("of the ratings alone", audit.ratings_fingerprint)


def bars_table(audit: Audit) -> Table:
    """Lay the histogram out, with bars of blocks."""
    bars, ratings = audit.levels.bars, audit.sizes.ratings
    columns = (
        Column("rating", numeric=True),
        Column("ratings"),
        Column("share"),
        Column(" ", numeric=False),
    )
    most = max(bar.ratings for bar in bars)
    rows = [
        (span(bar), f"{bar.ratings:,}", f"{bar.ratings / ratings:.1%}", blocks(bar, most)) for bar in bars
    ]
    return Table("ratings by level", columns, [rows])


def span(bar: Bar) -> str:
    return f"{bar.low:g}" if bar.low == bar.high else f"{bar.low:.4g} to {bar.high:.4g}"


def blocks(bar: Bar, most: int) -> str:
    """Draw a bar; what there is of it is never invisible."""
    return "█" * max(round(WIDEST * bar.ratings / most), bar.ratings > 0)


def _spreads(audit: Audit) -> Table:
    heads = ("fewest", "lower quartile", "median", "upper quartile", "most")
    columns = (Column("ratings of", numeric=False), *map(Column, heads))
    rows = [_spread_row("a user", audit.per_user), _spread_row("a movie", audit.per_movie)]
    return Table("how many ratings there are of each", columns, [rows])


def _spread_row(name: str, spread: Spread) -> Row:
    values = (spread.least, spread.lower, spread.median, spread.upper, spread.most)
    return (name, *(f"{value:,.1f}".removesuffix(".0") for value in values))


def _known(audit: Audit) -> Table:
    columns = (Column("known", numeric=False), Column("of movies"), Column("of ratings"))
    return Table("of which share it is known", columns, [[_known_row(one) for one in audit.known]])


def _known_row(one: Known) -> Row:
    return (one.what, f"{one.movies:.1%}", f"{one.ratings:.1%}")


def _split(found: DataFound) -> Section:
    heading = f"The parts of split={found.split}"
    if found.audit.undivided is not None:
        return Section(heading, lines=[f"It cannot be made: {found.audit.undivided}."])
    heads = ("ratings", "users", "users without", "new users")
    columns = (Column("part", numeric=False), *map(Column, heads))
    rows = [_part_row(one) for one in found.audit.parts]
    return Section(
        heading,
        tables=[Table("who has ratings in it; new: none to learn from", columns, [rows])],
    )


def _part_row(part: Part) -> Row:
    cold = "–" if part.cold is None else f"{part.cold:,}"
    return (part.name, f"{part.ratings:,}", f"{part.users:,}", f"{part.without:,}", cold)


def _read(intake: Intake) -> Section:
    read = [f"{count:,} {what}" for what, count in intake.read.items()]
    findings = [("dropped", one) for one in intake.dropped] + [("mended", one) for one in intake.mended]
    lines = [f"Read: {', '.join(read)}."] if read else []
    lines += [f"{note[0].upper()}{note[1:]}." for note in intake.notes if note]
    lines += [] if findings else ["Nothing was dropped or mended."]
    columns = (
        Column("was", numeric=False),
        Column("rows"),
        Column("why", numeric=False, wraps=True),
        Column("such as", numeric=False, wraps=True),
    )
    rows = [_finding_row(was, one) for was, one in findings]
    tables = [Table("what did not stay as it was", columns, [rows])] if rows else []
    return Section("What was read", lines=lines, tables=tables)


def _finding_row(was: str, one: Finding) -> Row:
    return (was, f"{one.count:,}", f"{one.what} {one.why}", "; ".join(one.examples))


def _able(reaches: Sequence[Reach]) -> str:
    names = [one.name for one in reaches if one.verdict == CAN]
    return f"{len(names)} of {len(reaches)} can: {', '.join(names)}."


def _unable(reaches: Sequence[Reach]) -> Iterator[Table]:
    """Put hyperparameters of one verdict and one reason together."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for reach in sorted(reaches, key=lambda one: VERDICTS.index(one.verdict)):
        if reach.verdict != CAN:
            grouped.setdefault((reach.verdict, reach.why), []).append(reach.name)
    columns = (
        Column("the others", numeric=False),
        Column("which", numeric=False, wraps=True),
        Column("why", numeric=False, wraps=True),
    )
    rows = [[(verdict, ", ".join(names), why)] for (verdict, why), names in grouped.items()]
    if rows:
        yield Table("what the data lacks, by what needs it", columns, rows)
