"""A version's folder: the fitted model, its catalogue and what was measured, under the hashes of a manifest.

    model.npz       pipeline.artifact
    catalogue.npz   ids, titles, years, the scale
    measured.npz    what each user contributed on validation and test: the next gate compares with it
    manifest.json   size and SHA-256 of each of them, the hyperparameters, where they come from

The record keeps the SHA-256 of the manifest, so that whatever is altered is noticed before it is loaded.
"""

import hashlib
import json
import os
import shutil
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from deployment.catalogue import UNREADABLE, Catalogue, load_catalogue
from pipeline.contributions import write_contributions
from pipeline.evaluation import Evaluation
from pipeline.fitted import FittedRecommender
from pipeline.parameters import InvalidInput
from pipeline.recommender import load_recommender

MODEL, CATALOGUE, MEASURED = "model.npz", "catalogue.npz", "measured.npz"
FILES = (MODEL, CATALOGUE, MEASURED)
MANIFEST = "manifest.json"
FORMAT = "reeltune-version-1"
# A manifest has a few thousand bytes.
LARGEST_MANIFEST = 2**20


class Damaged(InvalidInput):
    """A version's folder is not what was written: missing, incomplete, altered or not usable."""


@dataclass(frozen=True, eq=False)
class Bundle:
    """A version as it was opened."""

    model: FittedRecommender
    catalogue: Catalogue
    manifest: Mapping[str, Any]


def version_folder(outputs: Path, version: int) -> Path:
    """Name the folder of a version."""
    return outputs / "model_versions" / f"{version:04d}"


def write_bundle(
    folder: Path,
    model: FittedRecommender,
    catalogue: Catalogue,
    measured: Evaluation,
    described: Mapping[str, Any],
) -> str:
    """Write a version beside its folder, then rename: whoever looks meets the whole of it or nothing.

    Args:
        folder: of the version; what lies there is of a deployment that died and is replaced.
        model: fitted with the newcomer.
        catalogue: of the same users and movies.
        measured: of the same hyperparameters.
        described: what else the manifest says of the version.

    Returns:
        The SHA-256 of the manifest.

    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = folder.with_name(f".{folder.name}-{uuid.uuid4().hex}")
    try:
        temporary.mkdir()
        model.save(temporary / MODEL)
        catalogue.save(temporary / CATALOGUE)
        write_contributions(temporary / MEASURED, measured)
        content = {
            "format": FORMAT,
            **described,
            "files": {name: _described(temporary / name) for name in FILES},
        }
        text = json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        (temporary / MANIFEST).write_text(text, encoding="utf-8")
        for path in (*temporary.iterdir(), temporary):
            _to_disk(path)
        if folder.exists():
            shutil.rmtree(folder)
        temporary.rename(folder)
        _to_disk(folder.parent)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return hashlib.sha256(text.encode()).hexdigest()


def verified(folder: Path, sha256: str) -> Mapping[str, Any]:
    """Hold every file of a version against its hash, and return the manifest.

    Raises:
        Damaged: in one line, with what is not as it was written.

    """
    try:
        manifest = json.loads(_checked(folder / MANIFEST, LARGEST_MANIFEST, sha256))
        if manifest["format"] != FORMAT:
            raise Damaged(f"{folder / MANIFEST} must be of format {FORMAT}, got {manifest['format']!r}")
        for name in FILES:
            _check_file(folder / name, manifest["files"][name])
    except UNREADABLE as error:
        if isinstance(error, Damaged):
            raise
        raise Damaged(f"{folder} is not a version's folder: {_reason(error)}") from error
    return dict(manifest)


def open_bundle(folder: Path, sha256: str) -> Bundle:
    """Verify a version, then load it.

    Raises:
        Damaged: in one line; nothing is loaded whose hash is another one.

    """
    manifest = verified(folder, sha256)
    try:
        model, catalogue = load_recommender(folder / MODEL), load_catalogue(folder / CATALOGUE)
    except InvalidInput as error:
        raise Damaged(str(error)) from error
    problem = unusable(model, catalogue)
    if problem is not None:
        raise Damaged(f"{folder} {problem}")
    return Bundle(model, catalogue, manifest)


def unusable(model: FittedRecommender, catalogue: Catalogue) -> str | None:
    """Say why a model could not answer users, or None."""
    shape = (len(catalogue.user_ids) + 1, len(catalogue.movie_ids))
    if (model.n_users, model.n_movies) != shape:
        return f"must have {shape[0]} users and {shape[1]} movies, got {model.n_users} and {model.n_movies}"
    broken = [name for name, array in _numbers(model, "model") if not np.isfinite(array).all()]
    return f"must hold finite numbers, {broken[0]} does not" if broken else None


def _described(path: Path) -> dict[str, Any]:
    """Describe a file that was just written; `unpacked` is what reading it may take of memory."""
    return {"bytes": path.stat().st_size, "sha256": _sha256(path), "unpacked": _unpacked(path)}


def _check_file(path: Path, expected: Mapping[str, Any]) -> None:
    """Hold size, hash and unpacked size against what was written, the cheap ones first."""
    size = path.stat().st_size
    if size != expected["bytes"]:
        raise Damaged(f"{path} must have {expected['bytes']} bytes, got {size}")
    found = _sha256(path)
    if found != expected["sha256"]:
        raise Damaged(f"{path} must have SHA-256 {expected['sha256'][:12]}…, got {found[:12]}…")
    unpacked = _unpacked(path)
    if unpacked != expected["unpacked"]:
        raise Damaged(f"{path} must unpack to {expected['unpacked']} bytes, got {unpacked}")


def _checked(path: Path, largest: int, sha256: str) -> bytes:
    """Read a small file whose hash is known."""
    size = path.stat().st_size
    if size > largest:
        raise Damaged(f"{path} must have at most {largest} bytes, got {size}")
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise Damaged(f"{path} must have SHA-256 {sha256[:12]}…, got {found[:12]}…")
    return content


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _unpacked(path: Path) -> int:
    """Add up what the members of an .npz say they unpack to; nothing is unpacked."""
    with zipfile.ZipFile(path) as archive:
        return sum(member.file_size for member in archive.infolist())


def _numbers(value: Any, name: str) -> Iterator[tuple[str, NDArray[Any]]]:
    """List every array of floating-point numbers inside a fitted model by its dotted path."""
    if isinstance(value, sparse.csr_array):
        value = value.data
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _numbers(getattr(value, field.name), f"{name}.{field.name}")
    elif isinstance(value, np.ndarray) and value.dtype.kind == "f":
        yield name, value


def _to_disk(path: Path) -> None:
    """Flush a file or folder: a power cut may otherwise leave names without content."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.strerror}: {Path(os.fsdecode(error.filename)).name}"
    return " ".join(str(error).split()) or type(error).__name__
