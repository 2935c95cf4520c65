"""What the title of a movie says beside its name."""

import re

# Toy Story (1995), Babylon 5, Fawlty Towers (1975-1979), Diplomatic Immunity (2009– ), Balto II (2002) (V)
YEAR = re.compile(r"(.+?)\s*\((\d{4})(?:\s*[-–]\s*(?:\d{4})?\s*)?\)(?:\s*\(T?V\))?", re.DOTALL)


def title_and_year(text: str) -> tuple[str, int]:
    """Take the year, or the first of a series' years, off the end of a title; 0 where there is none."""
    found = YEAR.fullmatch(text.strip())
    return (found[1], int(found[2])) if found else (text.strip(), 0)
