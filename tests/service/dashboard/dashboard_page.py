"""A page taken apart for tests: its words, its tables, its plots, its commands."""

import json
from html.parser import HTMLParser
from typing import Any

VOID = {"meta", "link", "input", "br"}


class Page(HTMLParser):
    """What the tests ask of a page: its words in the order they stand, its tables, its plots."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.codes: list[str] = []
        self.plots: list[dict[str, Any]] = []
        self.tables: dict[str, list[list[str]]] = {}
        self._rows: list[list[str]] = []
        self.feed(text)
        self.close()

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def attributes(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag == "tr":
            self._rows.append([])
        if tag in {"th", "td"}:
            self._rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        around = self.open[-1] if self.open else ""
        if around == "script":
            self.plots.append(json.loads(data))
            return
        self.words.append(data)
        if around == "caption":
            self._rows = self.tables[data] = []
        if around in {"th", "td"}:
            self._rows[-1][-1] += data
        if around == "code":
            self.codes.append(data)
