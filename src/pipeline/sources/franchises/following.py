"""Which film of a series follows which: by numbers first, then by subtitles."""

from collections.abc import Iterator, Sequence

from pipeline.sources.franchises.sequels import Sign
from pipeline.sources.franchises.series import AND_THE, Film, Series, apart, fit

SOON = 15  # years within which a letter or a high number goes on counting: Rocky V, Jaws 3-D
BACK = 30  # years within which a year is a number: Blues Brothers 2000, not Casanova '70


def links_of(series: Series) -> Iterator[tuple[int, int]]:
    """Give pairs of films, each a film and one that it follows, by their places among the films."""
    counting: list[Film] = []  # whose numbers are believed, so that higher ones may go on from them
    for film in sorted(series.counted, key=lambda film: (series.number_of(film), film.number)):
        followed = _before(series, counting, film)
        sign = film.numbered[series.key].sign
        if sign is Sign.SURE or (sign is Sign.UNSURE and followed):
            counting.append(film)
        yield from ((film.number, other.number) for other in followed)
    for film in series.subtitled:
        related = _origins(series, film) or _nearest(series, counting, film) or _siblings(series, film)
        yield from ((film.number, other.number) for other in related)


def _before(series: Series, counting: Sequence[Film], film: Film) -> Sequence[Film]:
    """Return what a film with a number follows; nothing where its number says nothing."""
    number, sign = series.number_of(film), film.numbered[series.key].sign
    lower = [other for other in counting if series.number_of(other) < number and fit(film, other)]
    if sign is Sign.YEAR:
        origins = [base for base in series.bases if _not_later(base, film)]
        is_one = len(origins) == 1 and series.alike(origins[0], film) and apart(origins[0], film) <= BACK
        return origins if is_one else []
    if sign is Sign.UNSURE:
        return _highest(series, [other for other in lower if apart(film, other) <= SOON])
    if number <= 1:
        return []
    if earlier := _highest(series, [other for other in lower if _not_later(other, film)]):
        return earlier
    first = _latest([*series.bases, *series.subtitled], film)
    return [*first, *_highest(series, lower)]  # a later film may tell an earlier part: Star Wars: Episode IV


def _origins(series: Series, film: Film) -> Sequence[Film]:
    """Return the films whose title a subtitle is added to: of earlier years, with the same article."""
    head = film.heads[series.key]
    earlier = [base for base in series.bases if not film.year or base.year < film.year]
    bases = [base for base in earlier if base.titles[series.key] == head.article and series.alike(base, film)]
    return [] if head.is_described else _latest(bases, film)


def _nearest(series: Series, counting: Sequence[Film], film: Film) -> Sequence[Film]:
    """Return the film with a number that came out nearest to one with a subtitle."""
    alike = [other for other in counting if series.alike(other, film)]
    return [min(alike, key=lambda other: (apart(other, film), other.number))] if alike else []


def _siblings(series: Series, film: Film) -> Sequence[Film]:
    """Return the films with other subtitles behind the same words, if they are enough to make a series."""
    alike = [
        other
        for other in series.subtitled
        if other.titles.keys().isdisjoint(film.titles) and series.alike(other, film)
    ]
    enough = 1 if series.is_telling and not series.key.endswith(AND_THE) else 2
    return alike if len({min(other.titles) for other in alike}) >= enough else []


def _not_later(other: Film, film: Film) -> bool:
    return not film.year or other.year <= film.year


def _latest(films: Sequence[Film], film: Film) -> Sequence[Film]:
    """Return the last of some films that a film may follow, all of one year where there are several.

    A remake is followed rather than what it was made of. Nothing is chosen where the years cannot tell.
    """
    earlier = [other for other in films if other is not film and _not_later(other, film) and fit(other, film)]
    years = {other.year for other in earlier}
    if not years or (len(years) > 1 and not film.year):
        return []
    return [other for other in earlier if other.year == max(years)]


def _highest(series: Series, films: Sequence[Film]) -> Sequence[Film]:
    return [max(films, key=lambda film: (series.number_of(film), film.number))] if films else []
