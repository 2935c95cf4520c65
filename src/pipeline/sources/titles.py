"""What the title of a movie says beside its name: year, article at the end, other names in parentheses."""

import re
import unicodedata
from dataclasses import dataclass

# Toy Story (1995), Babylon 5, Fawlty Towers (1975-1979), Diplomatic Immunity (2009– ), Balto II (2002) (V)
YEAR = re.compile(r"(.+?)\s*\((\d{4})(?:\s*[-–]\s*(?:\d{4})?\s*)?\)(?:\s*\(T?V\))?", re.DOTALL)
OTHER_NAME = re.compile(r"(.+?)\s*\(([^()]+)\)", re.DOTALL)  # City of Lost Children, The (Cité …, La)
ALSO_KNOWN_AS = re.compile(r"(?:a\.?k\.?a\.?|also known as)\s+", re.IGNORECASE)
# Godfather, The; Haine, La; the ones in front are English alone: "Die Hard" begins with no article.
LAST = re.compile(
    r"(.+), (The|An?|La|Le|Les|L'|Un|Une|El|Los|Las|Il|Lo|Der|Die|Das|Ein|Eine|Det|Den|De|O|Os)",
    re.IGNORECASE,
)
FIRST = re.compile(r"(The|An?)\s+(.+)", re.IGNORECASE)
WITHIN, BETWEEN = re.compile(r"['’`\"]+"), re.compile(r"[\W_]+")  # marks in words, and between them
CUT = re.compile(r":\s+|\s+[-–—]\s+")  # in front of a subtitle


def title_and_year(text: str) -> tuple[str, int]:
    """Take the year, or the first of a series' years, off the end of a title; 0 where there is none."""
    found = YEAR.fullmatch(text.strip())
    return (found[1], int(found[2])) if found else (text.strip(), 0)


@dataclass(frozen=True)
class Name:
    """One of the names of a movie, its article apart."""

    article: str  # in lower case; empty where there is none
    text: str
    key: str  # the text as `key_of` spells it
    heads: tuple[str, ...]  # what stands in front of each place that a subtitle can begin at

    @staticmethod
    def of(article: str, text: str) -> "Name":
        heads = tuple(text[: cut.start()] for cut in CUT.finditer(text) if cut.start())
        return Name(article, text, key_of(text), heads)


def names_of(title: str) -> list[Name]:
    """List the names of a movie: the title's own, then those in parentheses behind it."""
    others: list[str] = []
    while found := OTHER_NAME.fullmatch(title.strip()):
        title = found[1]
        others.insert(0, ALSO_KNOWN_AS.sub("", found[2].strip()))
    return [_name(text) for text in (title.strip(), *others)]


def key_of(text: str) -> str:
    """Give equal names one spelling: no capitals, accents or marks; & is "and"; no article in front.

    "Fast & Furious" and "Fast and Furious" are one name, so are "Boy's Life" and "Boys Life".
    """
    plain = text.casefold().replace("&", " and ")
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return BETWEEN.sub(" ", WITHIN.sub("", plain)).strip().removeprefix("the ")


def _name(text: str) -> Name:
    if found := LAST.fullmatch(text):
        return Name.of(found[2].lower(), found[1])
    if found := FIRST.fullmatch(text):
        return Name.of(found[1].lower(), found[2])
    return Name.of("", text)
