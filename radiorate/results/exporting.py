"""Writing a study's files: one streamed to a browser, or all of them into a folder or a ZIP at once."""

import hashlib
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, transaction

from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.results import exports, package
from radiorate.results.exports import Export
from radiorate.studies.models import Study

CHUNK_BYTES = 64 * 1024


class Sealed(Exception):
    """The study is sealed: no file of it leaves."""


class ReasonMissing(Exception):
    """This file links codes to images: say why it is needed."""


def stream(study: Study, name: str, actor: User | None, reason: str = "") -> Iterator[bytes]:
    """The CSV as it comes from PostgreSQL: one statement, so one snapshot. The audit entry comes before the first byte.

    Raises Sealed, ReasonMissing, or KeyError for an unknown name; all before anything is sent.
    """
    export = exports.find(name)
    allow(study, export, reason)
    audit.record(actor, "results.exported", f"study {study.slug}", reason=reason, detail={"file": f"{name}.csv"})
    return _copy(export.query(study))


def allow(study: Study, export: Export, reason: str) -> None:
    """Return when the file may leave now. Of a sealed study none does: most tell origins, some only beside another."""
    if study.is_sealed:
        raise Sealed
    if export.needs_reason and not reason.strip():
        raise ReasonMissing


def file_name(study: Study, name: str) -> str:
    """What a downloaded file is called; that of a simulated study says so."""
    return f"{stem(study)}-{name}.csv"


def stem(study: Study) -> str:
    """What the names of all files of a study begin with."""
    return f"{study.slug}-simulated" if study.simulated else study.slug


def _copy(query: str) -> Iterator[bytes]:
    """The query's rows as CSV with a header, in pieces of about 64 kB: a row a piece would cost more than the query."""
    buffer = bytearray()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)") as copy:
        for data in copy:
            buffer += data
            if len(buffer) >= CHUNK_BYTES:
                yield bytes(buffer)
                buffer.clear()
    yield bytes(buffer)


def write(study: Study, out: Path, actor: User | None = None, reason: str = "") -> list[str]:
    """The names of the files written: the study package (see `package`) with SHA256SUMS, all of one snapshot.

    out: a folder that is not there yet or is empty, or a path ending in .zip. It appears whole or not at all. key.csv
    is among the files only when a reason is given. Raises Sealed and OSError.
    """
    if study.is_sealed:
        raise Sealed
    if out.is_dir() and any(out.iterdir()):
        raise FileExistsError(17, "is not empty", str(out))
    out.parent.mkdir(parents=True, exist_ok=True)
    # Beside the target, so the last step is a rename and not a copy.
    work = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    try:
        folder = work / "files"
        folder.mkdir()
        chosen = [name for name in exports.names() if reason.strip() or not exports.find(name).needs_reason]
        with _one_snapshot():
            for name in chosen:
                _save(folder / f"{name}.csv", _copy(exports.find(name).query(study)))
            for name, data in package.contents(study).items():
                _save(folder / name, [data])
        sums = {name: _digest(folder / name) for name in _files(folder)}
        sizes = {name: (folder / name).stat().st_size for name in sums}
        _save(folder / "datapackage.json", [package.descriptor(study, chosen, sizes, sums)])
        sums["datapackage.json"] = _digest(folder / "datapackage.json")
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
        _save(folder / "SHA256SUMS", [lines.encode()])
        written = _files(folder)
        finished = _zipped(folder, work / "files.zip", written) if out.suffix == ".zip" else folder
        audit.record(
            actor, "results.exported", f"study {study.slug}", reason=reason, detail={"files": ", ".join(written)}
        )
        finished.chmod(0o700 if finished.is_dir() else 0o600)
        finished.replace(out)
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return written


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """A transaction whose statements all see the database as it was at the first of them."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield


def _files(folder: Path) -> list[str]:
    """The files below a folder, as paths from it, in order."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def _save(path: Path, pieces: Iterable[bytes]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _zipped(folder: Path, target: Path, files: Iterable[str]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in files:
            archive.write(folder / name, name)
    return target
