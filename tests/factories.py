"""Objects for tests: each factory gives a valid, stored row, and takes what the test is about."""

import hashlib
import io
import itertools
from typing import Any
from uuid import uuid4

import numpy as np
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image as Picture

from generation.models import Batch, Generator, Job, Output
from radiorate.accounts.models import User
from radiorate.images.models import Collection, Image
from radiorate.studies.models import Criterion, Reader, Rubric, Study, Tag

PASSWORD = "a long pass phrase"
_numbers = itertools.count(1)


def user(**fields: Any) -> User:
    """A reader's account, or an admin's with is_staff=True."""
    fields.setdefault("email", f"person{next(_numbers)}@example.org")
    return User.objects.create_user(password=PASSWORD, **fields)


def admin(**fields: Any) -> User:
    return user(is_staff=True, **fields)


def png(seed: int | None = None, size: tuple[int, int] = (96, 120), mode: str = "L") -> bytes:
    """PNG bytes of a smooth random picture, another one for each seed; size is (width, height)."""
    random = np.random.default_rng(next(_numbers) if seed is None else seed)
    coarse = random.integers(20, 235, size=(6, 5), dtype=np.uint8)
    picture = Picture.fromarray(coarse).resize(size, Picture.Resampling.BICUBIC).convert(mode)
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def collection(origin: str = "real", **fields: Any) -> Collection:
    fields.setdefault("name", f"{origin} collection {next(_numbers)}")
    return Collection.objects.create(origin=origin, **fields)


def image(into: Collection | None = None, **fields: Any) -> Image:
    """A stored image with an original on the storage, written without the intake's checks."""
    data = fields.pop("data", None) or png(size=fields.pop("size", (96, 120)))
    with Picture.open(io.BytesIO(data)) as picture:
        width, height = picture.size
        pixels = hashlib.sha256(f"{width}x{height}:8:".encode() + picture.convert("L").tobytes()).hexdigest()
    fields = {"body_part": "knee", "view_position": "AP", "modality": "DX"} | fields
    row = Image(
        collection=into or collection(),
        mime="image/png",
        sha256=hashlib.sha256(data).hexdigest(),
        pixel_sha256=pixels,
        width=width,
        height=height,
        bits=8,
        **fields,
    )
    row.original.save(f"originals/{row.id}.png", ContentFile(data), save=False)
    row.save(force_insert=True)
    return row


CRITERIA = [
    ("anatomy", "Anatomy", "shape, count, proportion"),
    ("joint_fidelity", "Joint fidelity", "space, congruence, margins"),
    ("collimation", "Collimation", "borders, centring, coverage"),
    ("artifacts", "Artifacts", "5 = none seen"),
]
TAGS = [("fused_joint", "joint fused", []), ("seam", "seam", []), ("extra_digit", "extra finger or toe", ["hand"])]


def rubric(**fields: Any) -> Rubric:
    """The paper's four criteria, 1..5, asked of every region, and three defects, one of them of hands only."""
    row = Rubric.objects.create(name=fields.pop("name", f"rubric {next(_numbers)}"), version="1", **fields)
    for position, (key, label, hint) in enumerate(CRITERIA):
        Criterion.objects.create(rubric=row, key=key, label=label, hint=hint, position=position)
    for position, (key, label, body_parts) in enumerate(TAGS):
        fields = {"criterion": "artifacts", "body_parts": body_parts, "position": position}
        Tag.objects.create(rubric=row, key=key, label=label, **fields)
    return row


def study(pairs: int = 0, **fields: Any) -> Study:
    """A draft study over a real and a synthetic collection with `pairs` matching images in each."""
    number = next(_numbers)
    real, synthetic = collection("real"), collection("synthetic")
    for _ in range(pairs):
        image(real)
        image(synthetic)
    fields = {"slug": f"study-{number}", "title": f"Study {number}", "seed": number} | fields
    row = Study.objects.create(rubric=fields.pop("rubric", None) or rubric(), **fields)
    row.real_collections.add(real)
    row.synthetic_collections.add(synthetic)
    return row


def reader(of: Study, **fields: Any) -> Reader:
    number = fields.pop("number", None) or of.readers.count() + 1
    fields = {"user": fields.pop("user", None) or user(), "code": f"R{number}", "number": number} | fields
    return Reader.objects.create(study=of, **fields)


def open_study(pairs: int = 2, readers: int = 1, **fields: Any) -> Study:
    """A study opened through its own lifecycle, with readers enrolled and their assignments planned."""
    from radiorate.studies import lifecycle

    row = study(pairs, **fields)
    for _ in range(readers):
        reader(row)
    lifecycle.open_study(row, admin())
    row.refresh_from_db()
    return row


def generator(**fields: Any) -> Generator:
    fields = {"name": f"phantom-{next(_numbers)}", "provider": "phantom"} | fields
    return Generator.objects.create(**fields)


def batch(jobs: int = 1, **fields: Any) -> Batch:
    """A batch with queued jobs, written without sending any message."""
    fields["collection"] = fields.get("collection") or collection("synthetic")
    fields["generator"] = fields.get("generator") or generator()
    row = Batch.objects.create(**fields)
    for number in range(1, jobs + 1):
        job(row, number=number)
    return row


def job(of: Batch, **fields: Any) -> Job:
    fields = {
        "number": of.jobs.count() + 1,
        "mode": Job.Mode.TEXT_TO_IMAGE,
        "prompt": "An X-ray of a hand",
        "body_part": "hand",
        "view_position": "PA",
        "seed": next(_numbers),
        "width": 256,
        "height": 320,
    } | fields
    return Job.objects.create(batch=of, **fields)


def output(of: Job, **fields: Any) -> Output:
    """The image of a job, as if its one call had delivered it; the job's state stays as it is."""
    image_row = fields.pop("image", None) or image(of.batch.collection)
    attempt = of.attempts.create(number=1, claim=uuid4(), outcome="delivered", ended_at=timezone.now())
    return Output.objects.create(attempt=attempt, image=image_row, **fields)
