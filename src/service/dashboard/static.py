"""The files that the dashboard's page needs, served from here: the browser asks no other machine."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from fastapi import HTTPException
from fastapi.responses import FileResponse

import report
from report.plotly_script import DRAWING, plotly_file

OWN = Path(__file__).with_name("static")
FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Static:
    """One file under the name that it is served by."""

    path: Path
    kind: str

    @cached_property
    def digest(self) -> str:
        """What changes with the file: part of its address, so that a browser may keep it for good."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()[:12]


class StaticFiles:
    """These files and no others: a name is looked up, and never becomes part of a path."""

    def __init__(self) -> None:
        self._files: Mapping[str, Static] = {
            "page.css": Static(Path(report.__file__).with_name("page.css"), "text/css"),
            "dashboard.css": Static(OWN / "dashboard.css", "text/css"),
            "plotly.js": Static(plotly_file(), "text/javascript"),
            "page.js": Static(DRAWING, "text/javascript"),
        }

    def address(self, name: str) -> str:
        return f"/static/{name}?v={self._files[name].digest}"

    def response(self, name: str, version: str) -> FileResponse:
        """Stream a file; the browser keeps it for as long as it is the version that was asked for."""
        if name not in self._files:
            raise HTTPException(404, "there is no such file")
        found = self._files[name]
        kept = FOREVER if version == found.digest else "no-cache"
        return FileResponse(found.path, media_type=found.kind, headers={"Cache-Control": kept})
