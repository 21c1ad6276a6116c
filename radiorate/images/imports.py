"""Files taken in: staged by a page, settled one by one by a worker or by the command, each with its image or reason."""

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from celery import current_app
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F

from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images import intake, layouts, lifecycle, manifest, sources
from radiorate.images.facts import LATER, NOTHING_TOLD, Facts, normalise
from radiorate.images.layouts import Layout
from radiorate.images.models import Collection, Image, Import, ImportFile, Origin
from radiorate.images.sources import Found

log = structlog.get_logger(__name__)
TASK = "radiorate.images.tasks.run_import"
NO_LAYOUT = "none"  # files are taken as they are, whatever set they look like
MOST_TRIES = 3
NO_ROW = "The manifest has no row for it."
NO_LABEL = "The labels of {} do not name it."
Outcome = ImportFile.Outcome


@dataclass(frozen=True)
class Plan:
    """One file of an import before it is read: what the manifest says, and why it is refused or what is odd."""

    name: str
    file: Found | None  # None: only the manifest names it
    facts: Facts = NOTHING_TOLD
    refusal: str = ""
    note: str = ""


@dataclass(frozen=True)
class Settled:
    """What became of one file."""

    outcome: str
    reason: str = ""
    image: Image | None = None


def layout_of(files: Sequence[Found], table: Found | None, name: str) -> Layout | None:
    """The published data set to read the files as: the one that is named, else the one they look like, if any.

    name: one of layouts.names(), "none", or empty; with a manifest and no name there is nothing to recognise.
    """
    if name:
        return None if name == NO_LAYOUT else layouts.named(name)
    return None if table else layouts.recognised(files)


def plan(files: Sequence[Found], table: Found | None, origin: str, layout: Layout | None = None) -> list[Plan]:
    """What to do with each file and with each manifest row that has none. Raises manifest.Unreadable.

    origin: the collection's; a row of the other origin is refused, because a collection holds one only.
    layout: of which set the files are; its labels go before a manifest, and files that are no pictures are left out.
    """
    if layout:
        if origin != Origin.REAL:
            raise manifest.Unreadable(f"{layout.title} holds real radiographs; the collection is for {origin} ones.")
        unnamed = NO_LABEL.format(layout.title)
        return [
            Plan(file.name, file, normalise(row or {}), _too_large(file), "" if row else unnamed)
            for file, row in layout.read(files)
        ]
    if table is None:
        return [Plan(file.name, file, refusal=_too_large(file)) for file in files]
    rows, missing = manifest.read(table.read(), table.name).match([file.name for file in files])
    plans = []
    for file in files:
        row = rows.get(file.name)
        told = (row or {}).get("origin", "").lower()
        refusal = f"The manifest says that it is {told[:20]}." if told not in ("", origin) else _too_large(file)
        plans.append(Plan(file.name, file, normalise(row or {}), refusal, "" if row else NO_ROW))
    return plans + [Plan(name, None) for name in missing]


def _too_large(file: Found) -> str:
    return (
        f"The file is larger than {settings.IMAGE_MAX_BYTES:,} bytes." if file.size > settings.IMAGE_MAX_BYTES else ""
    )


def take(
    data: bytes, name: str, collection: Collection, facts: Facts, note: str = "", file: ImportFile | None = None
) -> Settled:
    """What became of one file's bytes; the note stands as the reason where nothing graver does."""
    provenance = {"import": file.of_import_id, "import_file": file.pk} if file else {}
    try:
        image = intake.store(data, name, collection, facts, provenance=provenance)
    except intake.Rejected as refusal:
        return Settled(Outcome.REJECTED, refusal.reason)
    except intake.Duplicate as found:
        image = found.image
        # A worker that was lost after storing this very file left its image behind: that is no duplicate.
        if not file or image.provenance.get("import_file") != file.pk:
            actor = file.of_import.started_by if file else None
            return Settled(
                Outcome.DUPLICATE, f"The collection holds this picture already{_completed(image, facts, actor)}.", image
            )
    if image.state == Image.State.HELD:
        return Settled(Outcome.HELD, image.state_reason, image)
    return Settled(Outcome.ACCEPTED, note, image)


def _completed(image: Image, facts: Facts, actor: User | None) -> str:
    """What the image left open and the manifest tells is written; the end of a sentence on what that was, if any."""
    try:
        taken = lifecycle.describe(image, facts.missing_in, actor)
    except lifecycle.NotPossible:
        return "; the manifest adds to it, but a study with it was opened, so it stays as it was then"
    *most, last = dict.fromkeys(LATER[name] for name in LATER if name in taken) or [""]
    if not last:
        return ""
    words = f"{', '.join(most)} and {last} were" if most else f"{last} was"
    return f"; {words} taken from the manifest"


def take_all(plans: Sequence[Plan], collection: Collection) -> Iterator[tuple[Plan, Settled]]:
    """Every planned file that is there, read and settled at once, as the command does it."""
    for item in plans:
        if item.refusal:
            yield item, Settled(Outcome.REJECTED, item.refusal)
        elif item.file:
            yield item, take(item.file.read(), item.name, collection, item.facts, item.note)


def begin(
    collection: Collection, uploads: Sequence[UploadedFile], table: UploadedFile | None, actor: User, layout: str = ""
) -> Import:
    """A stored import of uploaded files and ZIP files; the worker is told once the rows are committed.

    layout: the name of the published set they are of, as `layout_of` takes it.

    Raises manifest.Unreadable, and then leaves nothing behind.
    """
    files, found_table = unpacked(uploads)
    found_table = found_in(table) if table else found_table
    of_set = layout_of(files, found_table, layout)
    plans = plan(files, found_table, collection.origin, of_set)
    if not plans:
        raise manifest.Unreadable("There is no file in it.")
    staged: list[str] = []
    try:
        rows = []
        for item in plans:
            row = ImportFile(name=intake.shown(item.name), facts=vars(item.facts), reason=item.refusal or item.note)
            if item.file is None:
                row.outcome = Outcome.ABSENT
            elif item.refusal:
                row.outcome = Outcome.REJECTED
            else:
                staged.append(default_storage.save(f"staged/{uuid.uuid4()}", ContentFile(item.file.read())))
                row.staged.name = staged[-1]
            rows.append(row)
        with transaction.atomic():
            started = Import.objects.create(collection=collection, started_by=actor)
            for row in rows:
                row.of_import = started
            ImportFile.objects.bulk_create(rows)
            detail = {"import": started.pk, "layout": of_set.title if of_set else ""}
            audit.record(actor, "images.imported", f"collection {collection}", detail=detail)
            transaction.on_commit(lambda: send(started.pk))
    except BaseException:
        for name in staged:
            default_storage.delete(name)
        raise
    return started


def unpacked(uploads: Sequence[UploadedFile]) -> tuple[list[Found], Found | None]:
    """The files that were uploaded, those of ZIP files among them, and their manifest. Raises manifest.Unreadable."""
    files: list[Found] = []
    table: Found | None = None
    for upload in uploads:
        head = upload.read(4)
        upload.seek(0)
        if sources.is_archive(head):
            inside, its_table = sources.split_manifest(sources.archive(upload))  # type: ignore[arg-type]
            files += inside
            table = table or its_table
        else:
            files.append(found_in(upload))
    files, loose_table = sources.split_manifest(files)
    if sum(file.size for file in files) > settings.IMPORT_MAX_BYTES:
        raise manifest.Unreadable(f"The files have more than {settings.IMPORT_MAX_BYTES:,} bytes in all.")
    return files, loose_table or table


def found_in(upload: UploadedFile) -> Found:
    return Found(upload.name or "", upload.size or 0, upload.read)


def send(import_id: int) -> None:
    """Tell a worker, if the broker answers; `resume` finds what was not told."""
    try:
        current_app.send_task(TASK, args=[import_id], retry=False)
    except Exception as error:  # redis, kombu and socket errors alike
        log.warning("import_not_sent", import_id=import_id, error=type(error).__name__)


def resume() -> None:
    """Send every import again that no worker holds; a worker that gets one twice leaves the second alone."""
    for import_id in Import.objects.filter(lifecycle.FREE).values_list("pk", flat=True):
        send(import_id)


def run(import_id: int) -> None:
    """Settle an import file by file; does nothing while another worker holds it."""
    lease = timedelta(seconds=settings.LEASE_SECONDS)
    claim = lifecycle.claim_import(import_id, lease)
    if claim is None:
        return
    files = ImportFile.objects.filter(of_import_id=import_id).exclude(staged="")
    for file in files.select_related("of_import__collection", "of_import__started_by"):
        if not lifecycle.renew_import(import_id, claim, lease):
            return  # another worker took over
        if file.outcome == Outcome.WAITING:
            settled = _settle(file)
            lifecycle.settle_file(file, settled.outcome, settled.reason, settled.image)
        default_storage.delete(str(file.staged))
        ImportFile.objects.filter(pk=file.pk).update(staged="")
    lifecycle.finish_import(import_id, claim)


def _settle(file: ImportFile) -> Settled:
    ImportFile.objects.filter(pk=file.pk).update(tries=F("tries") + 1)
    if file.tries >= MOST_TRIES:
        return Settled(Outcome.REJECTED, "The worker was lost each time it read this file.")
    with default_storage.open(str(file.staged)) as staged:
        data = staged.read()
    return take(data, file.name, file.of_import.collection, Facts(**file.facts), file.reason, file)


def progress(of: Import) -> dict[str, int]:
    """Files by outcome, `all` and `settled` of them; `absent` are the manifest's rows without a file, counted apart."""
    counts = Counter(dict.fromkeys(Outcome.values, 0))
    counts.update(of.files.values_list("outcome", flat=True))
    files = counts.total() - counts[Outcome.ABSENT]
    return {**counts, "all": files, "settled": files - counts[Outcome.WAITING]}
