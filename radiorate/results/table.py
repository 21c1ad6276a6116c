"""Reading ratings.csv, choices.csv and marks.csv, from here or elsewhere, into the same dataset a study gives."""

import csv
import json
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from radiorate.results.dataset import (
    BOTH,
    LEFT,
    MISSING,
    NEITHER,
    NOT_ASSESSABLE,
    REAL,
    RIGHT,
    SCORED,
    SYNTHETIC,
    Dataset,
    PairFacts,
    Scale,
    assemble,
)
from radiorate.spreadsheet import FORMULA_STARTS

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
ORIGINS = {"real": REAL, "synthetic": SYNTHETIC}
STATES = {"scored": SCORED, "not_assessable": NOT_ASSESSABLE, "missing": MISSING}
BELIEVED = {"left": LEFT, "right": RIGHT, "both": BOTH, "neither": NEITHER}


class BadTable(ValueError):
    """What is wrong and where, in one line: `ratings.csv:17: value: 6 is not in 1..5`."""


@dataclass
class _Row:
    """One line of a file; each reader of a cell names the cell when it raises BadTable."""

    where: str
    cells: dict[str, str]

    def wrong(self, column: str, problem: str) -> BadTable:
        return BadTable(f"{self.where}: {column}: {problem}")

    def text(self, column: str) -> str:
        """The cell without the apostrophe an export puts before a formula."""
        value = self.cells.get(column, "")
        return value[1:] if value[:1] == "'" and value[1:2] in FORMULA_STARTS else value

    def code(self, column: str) -> str:
        value = self.text(column)
        if not CODE.fullmatch(value):
            raise self.wrong(column, f"{value or 'empty'} is no code of letters, digits, _ and -")
        return value

    def one_of(self, column: str, allowed: dict[str, int] | tuple[str, ...]) -> str:
        value = self.text(column)
        if value not in allowed:
            raise self.wrong(column, f"{value or 'empty'} is none of {', '.join(filter(None, allowed))}")
        return value

    def whole(self, column: str, minimum: int, maximum: int | None = None) -> int:
        value = self.text(column)
        if WHOLE.fullmatch(value) and minimum <= int(value) <= (maximum or int(value)):
            return int(value)
        allowed = f"in {minimum}..{maximum}" if maximum else f"a whole number from {minimum}"
        raise self.wrong(column, f"{value or 'empty'} is not {allowed}")

    def number(self, column: str, is_allowed: Callable[[float], bool], allowed: str) -> float:
        value = self.text(column)
        try:
            if is_allowed(float(value)):
                return float(value)
        except ValueError:
            pass
        raise self.wrong(column, f"{value or 'empty'} is not {allowed}")

    def seconds(self) -> float:
        return (
            self.number("seconds", lambda n: 0 < n < float("inf"), "above 0") if self.text("seconds") else float("nan")
        )

    def milliseconds(self) -> float:
        """When the answer came, since 1970; nan where that is not told."""
        value = self.text("submitted_at")
        if not value:
            return float("nan")
        try:
            time = datetime.fromisoformat(value)
            if time.tzinfo is not None:
                return (time - EPOCH) // timedelta(milliseconds=1)
        except ValueError:
            pass
        raise self.wrong("submitted_at", f"{value} is not an RFC 3339 time in UTC")


def _rows(path: Path, required: tuple[str, ...]) -> Iterator[_Row]:
    with path.open(newline="", encoding="utf-8-sig") as stream:
        reader = csv.DictReader(stream, strict=True)
        try:
            if absent := [name for name in required if name not in (reader.fieldnames or ())]:
                raise BadTable(f"{path.name}:1: {absent[0]}: this column is missing")
            for cells in reader:
                where = f"{path.name}:{reader.line_num}"
                if None in cells or None in cells.values():
                    raise BadTable(f"{where}: the row has not as many cells as the header")
                yield _Row(where, cells)
        except csv.Error as problem:
            raise BadTable(f"{path.name}:{reader.line_num}: {problem}") from None
        except UnicodeDecodeError:
            raise BadTable(f"{path.name}: not UTF-8") from None


@dataclass
class _Numbered:
    """Codes in the order they were first met, and the number of each."""

    places: dict[str, int] = field(default_factory=dict)

    def of(self, code: str) -> int:
        return self.places.setdefault(code, len(self.places))


@dataclass
class _Tables:
    """What has been read so far."""

    scales: dict[str, Scale]
    study: str = ""
    simulated: bool = False
    readers: _Numbered = field(default_factory=_Numbered)
    pairs: _Numbered = field(default_factory=_Numbered)
    criteria: _Numbered = field(default_factory=_Numbered)
    facts: dict[str, dict[str, str]] = field(default_factory=dict)
    scores: list[tuple[float, ...]] = field(default_factory=list)
    choices: list[tuple[float, ...]] = field(default_factory=list)
    showings: dict[tuple[int, int], tuple[int, float]] = field(default_factory=dict)
    marks: list[tuple[float, ...]] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    counts: list[tuple[str, str, str, int, float]] = field(default_factory=list)
    preferences: list[tuple[str, str, str, int]] = field(default_factory=list)
    making: dict[str, dict[str, str]] = field(default_factory=dict)  # of an image: mode, patient_sex
    seen: dict[tuple[str, ...], str] = field(default_factory=dict)

    def once(self, row: _Row, *key: str) -> None:
        if (earlier := self.seen.setdefault(key, row.where)) != row.where:
            raise BadTable(f"{row.where}: the same {key[0]} as in {earlier}")

    def of_study(self, row: _Row) -> None:
        study = row.code("study")
        self.study = self.study or study
        if study != self.study:
            raise row.wrong("study", f"{study}, where the rows before are of {self.study}")
        self.simulated = self.simulated or row.text("simulated") == "true"


PRESENTATION = ("study", "reader", "session", "pair", "kind", "repeat")
ANSWER = ("submitted_at", "seconds")
IMAGE = ("image", "origin", "generator", "body_part", "side")
RATINGS = (*PRESENTATION, *IMAGE, "view_position", "criterion", "value", "status", "reason", *ANSWER)
SIDES = ("left_image", "right_image", "left_origin", "right_origin", "left_generator", "right_generator")
CHOICES = (*PRESENTATION, *SIDES, "body_part", "believed_real", "confidence", *ANSWER)
MARKS = ("study", "reader", "session", "pair", "repeat", *IMAGE, "tag", "x", "y")
KINDS = ("main", "control", "practice")
IMAGES = ("image", "mode", "patient_sex")
COUNTS = (*PRESENTATION, *IMAGE, "criterion", "seen", "expected", "status")
PREFERENCES = (*PRESENTATION, "left_origin", "right_origin", "criterion", "preferred")
PREFERRED = {"left": LEFT, "right": RIGHT, "equal": BOTH}
FILES = {"ratings.csv", "choices.csv", "marks.csv", "counts.csv", "preferences.csv", "images.csv", "protocol.json"}
VIEWS = ("", "AP", "PA", "LL", "RL")


def read(path: Path) -> Dataset:
    """The main pairs of a ratings.csv, or of a folder or a ZIP of an export.

    Beside ratings.csv a folder may hold choices.csv, marks.csv, counts.csv, preferences.csv, images.csv (how images
    came to be) and protocol.json. Scores may be 1..5, or what that protocol says. Raises BadTable and OSError.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive, tempfile.TemporaryDirectory() as folder_of_files:
            for name in FILES & set(archive.namelist()):
                archive.extract(name, folder_of_files)
            if not (Path(folder_of_files) / "ratings.csv").exists():
                raise BadTable(f"{path.name}: holds no ratings.csv")
            return read(Path(folder_of_files))
    folder, ratings = (path, path / "ratings.csv") if path.is_dir() else (path.parent, path)
    tables = _Tables(_scales(folder / "protocol.json") if path.is_dir() else {})
    if path.is_dir() and (folder / "images.csv").exists():
        for row in _rows(folder / "images.csv", IMAGES):
            tables.making[row.code("image")] = {"mode": row.text("mode"), "patient_sex": row.text("patient_sex")}
    for row in _rows(ratings, RATINGS):
        _take_score(tables, row)
    for name, required, take in BESIDE if path.is_dir() else ():
        if (folder / name).exists():
            for row in _rows(folder / name, required):
                take(tables, row)
    if not tables.scores:
        raise BadTable(f"{ratings.name}: no row of kind main")
    return assemble(
        study=tables.study,
        simulated=tables.simulated,
        readers=list(tables.readers.places),
        pairs=[PairFacts(code, **tables.facts.get(code, {})) for code in tables.pairs.places],
        criteria=[tables.scales.get(key, Scale(key)) for key in tables.criteria.places],
        scores=tables.scores,
        choices=tables.choices,
        showings=[(*cell, *told) for cell, told in tables.showings.items()],
        marks=tables.marks,
        tags=tables.tags,
        counts=tables.counts,
        preferences=tables.preferences,
    )


def _scales(protocol: Path) -> dict[str, Scale]:
    """The scale of each criterion as the exported protocol says it; nothing where there is none."""
    if not protocol.exists():
        return {}
    try:
        criteria = json.loads(protocol.read_text())["rubric"]["criteria"]
        return {each["key"]: Scale(each["key"], int(each["minimum"]), int(each["maximum"])) for each in criteria}
    except (ValueError, KeyError, TypeError) as problem:
        raise BadTable(f"{protocol.name}: not a protocol: {problem}") from None


def labels(path: Path) -> dict[str, str]:
    """What the protocol beside the ratings calls its criteria; nothing where there is none."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            text = archive.read("protocol.json") if "protocol.json" in archive.namelist() else b""
    else:
        protocol = path / "protocol.json"
        text = protocol.read_bytes() if path.is_dir() and protocol.exists() else b""
    criteria = json.loads(text)["rubric"]["criteria"] if text else []
    return {each["key"]: each["label"] for each in criteria if each.get("label")}


def _take_score(tables: _Tables, row: _Row) -> None:
    tables.of_study(row)
    reader, pair, criterion = row.code("reader"), row.code("pair"), row.code("criterion")
    session, repeat = row.whole("session", 1), row.whole("repeat", 0)
    kind, side = row.one_of("kind", KINDS), row.one_of("side", ("left", "right"))
    origin, status = row.one_of("origin", ORIGINS), row.one_of("status", STATES)
    making = tables.making.get(row.code("image"), {})
    generator = row.text("generator")
    if (origin == "real") != (generator == ""):
        raise row.wrong("generator", f"{generator or 'empty'}, where the origin is {origin}")
    view = row.one_of("view_position", VIEWS)
    scale = tables.scales.get(criterion, Scale(criterion))
    value = float("nan")
    if status == "scored":
        value = row.whole("value", scale.minimum, scale.maximum)
    elif row.text("value"):
        raise row.wrong("value", f"{row.text('value')}, where the status is {status}")
    if row.text("reason") and status != "not_assessable":
        raise row.wrong("reason", f"only with not_assessable, and the status is {status}")
    milliseconds = row.milliseconds()
    row.seconds()
    tables.once(row, "score", reader, str(session), pair, str(repeat), side, criterion)
    if kind != "main":
        return
    if repeat == 0:  # a reader sees a pair once, apart from repeats, whatever the session
        tables.once(row, "first score", reader, pair, origin, criterion)
    facts = tables.facts.setdefault(pair, {})
    if origin == "real":
        facts.setdefault("body_part", row.text("body_part"))
        facts.setdefault("view_position", view)
        facts.setdefault("patient_sex", making.get("patient_sex", ""))
    else:
        facts.setdefault("generator", generator)
        facts.setdefault("mode", making.get("mode", ""))
    if repeat == 0:
        tables.showings[tables.readers.of(reader), tables.pairs.of(pair)] = session, milliseconds
    tables.scores.append(
        (
            tables.readers.of(reader),
            tables.pairs.of(pair),
            tables.criteria.of(criterion),
            ORIGINS[origin],
            value,
            STATES[status],
            repeat,
        )
    )


def _take_choice(tables: _Tables, row: _Row) -> None:
    tables.of_study(row)
    reader, pair = row.code("reader"), row.code("pair")
    session, repeat, kind = row.whole("session", 1), row.whole("repeat", 0), row.one_of("kind", KINDS)
    left, right = row.one_of("left_origin", ORIGINS), row.one_of("right_origin", ORIGINS)
    believed, confidence = row.one_of("believed_real", BELIEVED), row.whole("confidence", 1, 5)
    milliseconds = row.milliseconds()
    tables.once(row, "choice", reader, str(session), pair, str(repeat))
    if kind != "main":
        return
    if left == right:
        raise row.wrong("right_origin", f"{right} like the left one, in a main pair")
    if repeat == 0:
        tables.once(row, "first choice", reader, pair)
        tables.showings[tables.readers.of(reader), tables.pairs.of(pair)] = session, milliseconds
    tables.choices.append(
        (
            tables.readers.of(reader),
            tables.pairs.of(pair),
            left == "real",
            BELIEVED[believed],
            confidence,
            row.seconds(),
            repeat,
        )
    )


def _take_mark(tables: _Tables, row: _Row) -> None:
    tables.of_study(row)
    reader, pair, repeat = row.code("reader"), row.code("pair"), row.whole("repeat", 0)
    origin, tag = row.one_of("origin", ORIGINS), row.text("tag")
    x, y = (row.number(axis, lambda n: 0 <= n <= 1, "in 0..1") for axis in ("x", "y"))
    if row.text("width"):  # a box stands for its centre
        x += row.number("width", lambda n: 0 < n <= 1, "in 0..1") / 2
        y += row.number("height", lambda n: 0 < n <= 1, "in 0..1") / 2
    # Not every marks.csv says the kind; the pairs that were rated as main do.
    if repeat == 0 and pair in tables.pairs.places and reader in tables.readers.places:
        tables.marks.append((tables.readers.of(reader), tables.pairs.of(pair), ORIGINS[origin], x, y))
        tables.tags.append(tag)


def _take_count(tables: _Tables, row: _Row) -> None:
    tables.of_study(row)
    reader, pair, criterion = row.code("reader"), row.code("pair"), row.code("criterion")
    repeat, kind, origin = row.whole("repeat", 0), row.one_of("kind", KINDS), row.one_of("origin", ORIGINS)
    right = float("nan")
    if row.one_of("status", STATES) == "scored":
        right = float(row.whole("seen", 0) == row.whole("expected", 1))
    if repeat == 0 and kind == "main":
        tables.once(row, "first count", reader, pair, origin, criterion)
        tables.counts.append((reader, pair, criterion, ORIGINS[origin], right))


def _take_preference(tables: _Tables, row: _Row) -> None:
    tables.of_study(row)
    reader, pair, criterion = row.code("reader"), row.code("pair"), row.code("criterion")
    repeat, kind, outcome = row.whole("repeat", 0), row.one_of("kind", KINDS), row.one_of("preferred", PREFERRED)
    if repeat == 0 and kind == "main":
        tables.once(row, "first preference", reader, pair, criterion)
        tables.preferences.append((reader, pair, criterion, PREFERRED[outcome]))


BESIDE = (
    ("choices.csv", CHOICES, _take_choice),
    ("marks.csv", MARKS, _take_mark),
    ("counts.csv", COUNTS, _take_count),
    ("preferences.csv", PREFERENCES, _take_preference),
)
