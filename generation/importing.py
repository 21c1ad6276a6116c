"""Images made elsewhere become a batch with jobs and outputs like any other, marked as imported: nothing is sent.

The manifest names each picture with the words it was ordered by. A row without a file is an order that was refused, so
that refusals are counted here too. All rows are read and looked over first; one that is wrong keeps them all out.
"""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from generation import credentials, near_copies
from generation.batches import MOST_JOBS, Impossible
from generation.models import Attempt, Batch, Generator, Job, Output
from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images import intake
from radiorate.images.decoding import Undecodable, decode
from radiorate.images.facts import normalise
from radiorate.images.models import Collection, Image, Origin
from radiorate.images.sources import Found

PROVIDER = "imported"  # of a generator that is known by its imported images alone: no file in providers/ has this name
COLUMNS = (
    "mode body_part view_position laterality patient_sex pathology seed model made_at cost outcome refusal request_id "
    "reference"
)
EDITS = (Job.Mode.INPAINTING, Job.Mode.OUTPAINTING)
OUTCOMES = ("", Attempt.Outcome.DELIVERED, Attempt.Outcome.REFUSED)


@dataclass(frozen=True)
class Problem:
    """Why nothing is imported: what is wrong with one line of the manifest, or (line 0) with a file that has none."""

    line: int
    file: str
    reason: str

    def __str__(self) -> str:
        place = f"line {self.line}" if self.line else "no line"
        return f"{place}, {intake.shown(self.file)}: {self.reason}" if self.file else f"{place}: {self.reason}"


@dataclass
class Row:
    """One line of the manifest as it was read, with the picture it names."""

    line: int
    told: Mapping[str, str]
    picture: Found | None
    width: int = 0
    height: int = 0
    mode: str = Job.Mode.TEXT_TO_IMAGE
    seed: int | None = None
    cost_usd: Decimal | None = None
    made_at: datetime | None = None
    reference: Image | None = None
    problems: list[str] = field(default_factory=list)


def read(files: Sequence[Found], table: bytes, collection: Collection) -> tuple[list[Row], list[Problem]]:
    """The rows to import, and all that is wrong; every picture is decoded once. Raises Impossible for a manifest
    that can't be read at all.

    collection: what the pictures may not be in already; it need not be stored yet.
    """
    left = {file.name: file for file in files}
    rows = []
    for line, told in _lines(table):
        picture = left.pop(told.get("file", ""), None)
        row = Row(line, told, picture)
        _look_over(row)
        rows.append(row)
    if not 1 <= len(rows) <= MOST_JOBS:
        raise Impossible([f"The manifest has {len(rows)} rows; a batch holds from 1 to {MOST_JOBS}."])
    _look_for_references(rows)
    _look_at_pictures(rows, collection)
    problems = [Problem(row.line, row.told.get("file", ""), reason) for row in rows for reason in row.problems]
    return rows, problems + [Problem(0, name, "The manifest has no row for this file.") for name in left]


def bring_in(rows: Sequence[Row], generator: Generator, collection: Collection, actor: User | None) -> Batch:
    """The batch of rows without a problem, stored whole with its images or not at all.

    generator, collection: stored with the batch where they aren't yet.
    Raises Impossible where the collection holds real images, or a picture came in meanwhile.
    """
    if collection.origin != Origin.SYNTHETIC:
        raise Impossible([f"“{collection}” holds real images; synthetic ones need a collection of their own."])
    stored: list[str] = []
    try:
        with transaction.atomic():
            for row in (generator, collection):
                if row._state.adding:
                    row.save()
            batch = Batch.objects.create(generator=generator, collection=collection, created_by=actor, is_imported=True)
            for number, each in enumerate(rows, start=1):
                if image := _store(batch, number, each):
                    stored.append(str(image.original))
            counts = {"jobs": len(rows), "images": len(stored)}
            audit.record(actor, "batch.imported", f"batch {batch.pk}", detail={"generator": generator.name, **counts})
            transaction.on_commit(lambda: near_copies.ask(batch.pk))
    except BaseException as error:
        for name in stored:
            default_storage.delete(name)
        if isinstance(error, intake.Duplicate | intake.Rejected):
            raise Impossible([str(error)]) from error
        raise
    return batch


def generator_named(name: str, model: str = "") -> Generator:
    """The generator of that name, or a new one that can't be ordered from, not stored yet. Raises Impossible."""
    if not re.fullmatch(r"[-\w]{1,64}", name, re.ASCII):
        raise Impossible([f"A generator's name has letters, digits, - and _ only, not “{name[:64]}”."])
    new = Generator(name=name, provider=PROVIDER, model=model[:120], is_active=False)
    return Generator.objects.filter(name=name).first() or new


def _lines(table: bytes) -> list[tuple[int, dict[str, str]]]:
    """(line in the file, row) of a CSV file's bytes, without empty rows."""
    try:
        text = table.decode("utf-8-sig")
        if "\0" in text:
            raise Impossible(["The manifest holds NUL characters: it is not a text file, or not one in UTF-8."])
        head = text.partition("\n")[0]
        comma = ";" if head.count(";") > head.count(",") else ","
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=comma, strict=True)
        rows = []
        for raw in reader:
            row = {str(key).strip().lower(): value.strip() for key, value in raw.items() if isinstance(value, str)}
            if any(row.values()):
                row["file"] = row.get("file", "").replace("\\", "/").removeprefix("./")
                rows.append((reader.line_num, row))
    except UnicodeDecodeError:
        raise Impossible(["The manifest is not a text file in UTF-8."]) from None
    except csv.Error:
        raise Impossible(["The manifest is not a table of comma-separated values."]) from None
    if missing := [name for name in ("file", "prompt") if name not in (reader.fieldnames or [])]:
        raise Impossible([f"The manifest has no column named {' and none named '.join(missing)}."])
    return rows


def _look_over(row: Row) -> None:
    """Read what the row says and note what can't be."""
    told, wrong = row.told, row.problems.append
    outcome = told.get("outcome", "").lower()
    if outcome not in OUTCOMES:
        wrong(f"The outcome is delivered or refused, not “{outcome[:30]}”.")
    if row.picture is None and told["file"]:
        wrong("The file is not there, or another row names it too.")
    elif row.picture is None and outcome != Attempt.Outcome.REFUSED:
        wrong("A row without a file is a refused order: its outcome must say so.")
    elif row.picture and outcome == Attempt.Outcome.REFUSED:
        wrong("A refused order has no file.")
    if not told.get("prompt"):
        wrong("The prompt is missing.")
    if mode := told.get("mode", "").lower().replace(" ", "_").replace("-", "_"):
        row.mode = mode
        if mode not in Job.Mode.values:
            wrong(f"The mode is one of {', '.join(Job.Mode.values)}.")
    if seed := told.get("seed"):
        row.seed = int(seed) if seed.removeprefix("-").isascii() and seed.removeprefix("-").isdigit() else None
        if row.seed is None or abs(row.seed) >= 2**63:
            wrong("The seed is no whole number of 64 bits.")
    if cost := told.get("cost") or told.get("cost_usd"):
        with suppress(ValidationError):
            row.cost_usd = Attempt._meta.get_field("actual_usd").clean(cost, None)
        if row.cost_usd is None or row.cost_usd < 0:
            wrong("The cost is no amount of US dollars.")
    if made := told.get("made_at"):
        row.made_at = _time(made)
        if row.made_at is None or row.made_at > timezone.now():
            wrong("The time it was made is no past date such as 2022-11-03 or 2022-11-03T14:05:00Z.")


def _time(words: str) -> datetime | None:
    with suppress(ValueError):
        if time := parse_datetime(words):
            return time if timezone.is_aware(time) else time.replace(tzinfo=UTC)
        if day := parse_date(words):
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
    return None


def _look_for_references(rows: Sequence[Row]) -> None:
    """Find the real images that rows were edited from, or imitate, by their id or the SHA-256 of their file."""
    told: dict[str, UUID | None] = {}
    for name in {row.told.get("reference", "") for row in rows} - {""}:
        told[name] = None
        with suppress(ValueError):
            told[name] = UUID(name)
    real = Image.objects.filter(collection__origin=Origin.REAL).select_related("collection").order_by("-added_at")
    by_digest = {image.sha256: image for image in real.filter(sha256__in=[name.lower() for name in told])}
    by_id = real.in_bulk([key for key in told.values() if key])
    for row in rows:
        if name := row.told.get("reference", ""):
            key = told[name]
            row.reference = by_id.get(key) if key else by_digest.get(name.lower())
            if row.reference is None:
                row.problems.append("The reference is no real image here: give the id of one, or its file's SHA-256.")


def _look_at_pictures(rows: Sequence[Row], collection: Collection) -> None:
    there = collection.images if collection.pk else Image.objects.none()
    known = dict.fromkeys(there.values_list("pixel_sha256", flat=True), "The collection holds")
    for row in rows:
        if row.picture is None:
            continue
        try:
            pixels = decode(row.picture.read()).array
        except (Undecodable, OSError) as refusal:
            row.problems.append(str(refusal) if isinstance(refusal, Undecodable) else "The file can't be read.")
            continue
        row.height, row.width = pixels.shape
        digest = intake.pixel_digest(pixels)
        if digest in known:
            row.problems.append(f"{known[digest]} this picture already.")
        known[digest] = f"Line {row.line} has"


def _store(batch: Batch, number: int, row: Row) -> Image | None:
    """The row's job with its one attempt and, where it was delivered, its output; the stored image."""
    told, at = row.told, row.made_at or batch.created_at
    facts = normalise({**told, "source": told.get("source") or f"generator {batch.generator.name}"})
    is_edit = row.mode in EDITS
    if row.reference and is_edit and not facts.licence:  # it holds pixels of the image it was made from
        licence = row.reference.licence or row.reference.collection.licence
        facts = replace(facts, licence=licence, attribution=facts.attribution or row.reference.attribution)
    refused = row.picture is None
    words = told.get("refusal") or "refused; the words are not known"
    job = Job.objects.create(
        batch=batch,
        number=number,
        mode=row.mode,
        prompt=told["prompt"],
        body_part=facts.body_part,
        view_position=facts.view_position,
        laterality=facts.laterality,
        patient_sex=facts.patient_sex,
        pathology=facts.pathology,
        seed=row.seed,
        width=row.width,
        height=row.height,
        source=row.reference if row.mode != Job.Mode.TEXT_TO_IMAGE else None,
        state=Job.State.REFUSED if refused else Job.State.SUCCEEDED,
        state_reason=words[:300] if refused else "",
        finished_at=at,
    )
    attempt = Attempt.objects.create(
        job=job,
        number=1,
        claim=uuid4(),
        reserved_usd=row.cost_usd or Decimal(0),
        actual_usd=row.cost_usd,
        provider_request_id=told.get("request_id", "")[:200],
        outcome=Attempt.Outcome.REFUSED if refused else Attempt.Outcome.DELIVERED,
        message=words if refused else "",
        begun_at=at,
        ended_at=at,
    )
    if row.picture is None:
        return None
    data = row.picture.read()
    model = told.get("model", "")[:200]
    provenance: dict[str, Any] = {
        "generator": batch.generator.name,
        "model_reported": model,
        "prompt": job.prompt,
        "seed": job.seed,
        "batch": batch.pk,
        "job": number,
        "imported": dict(told),
    }
    image = intake.store(
        data, row.picture.name, batch.collection, facts, provenance=provenance, reference=row.reference
    )
    try:
        Output.objects.create(
            attempt=attempt,
            image=image,
            model_reported=model,
            seed_reported=row.seed,
            provenance={"imported": dict(told), **credentials.note(data)},
        )
    except BaseException:
        default_storage.delete(str(image.original))
        raise
    return image
