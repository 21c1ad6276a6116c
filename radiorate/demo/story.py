"""The demonstration, told through the acts that every user has: import, launch, open, enrol, simulate, close.

Each step looks first whether it was done, so a demonstration that was interrupted is finished by the next run.
"""

import io
import json
import multiprocessing
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connections

from generation import batches, runner
from generation.models import Batch, Generator, Job
from radiorate.accounts.models import User
from radiorate.demo import sources
from radiorate.images.models import Collection, Image, Origin
from radiorate.results import simulation
from radiorate.studies import definition, enrolment, lifecycle
from radiorate.studies.models import Study

ADMIN = "admin@example.org"
READERS = ["reader@example.org", "second.reader@example.org"]
REAL, SYNTHETIC = "Demo radiographs", "Demo phantoms"
OPEN_SLUG, CLOSED_SLUG = "demo", "demo-simulated"
SIMULATED_READERS = 6
SPARE_PHANTOMS = 6  # beside one for each real radiograph: they meet each other in control pairs
FEW = 8  # real radiographs
LONGER_SIDE = 1280  # pixels of a phantom
SEED = 2023

Say = Callable[[str], None]


@dataclass(frozen=True)
class SignIn:
    """An account's e-mail and the random password it was given."""

    email: str
    password: str


def tell(say: Say) -> dict[str, Any]:
    """What `var/demo.json` holds, once both studies stand; `say` hears each step."""
    admin = account(ADMIN, "Demo admin", is_staff=True)
    readers = [account(email, f"Demo reader {number}") for number, email in enumerate(READERS, start=1)]
    actor = User.objects.get(email=ADMIN)
    real = import_radiographs(say)
    draw_phantoms(actor, real, say)
    say("Opening the demo study.")
    open_demo(actor, real)
    say("Simulating the ratings of the closed study.")
    close_simulated(actor)
    return {
        "url": f"http://localhost:{settings.PORT}",
        "admin": vars(admin),
        "readers": [vars(reader) for reader in readers],
        "study": OPEN_SLUG,
        "closed_study": CLOSED_SLUG,
    }


def account(email: str, name: str, *, is_staff: bool = False) -> SignIn:
    """The account with a new random password."""
    password = secrets.token_urlsafe(12)
    user = User.objects.filter(email=email).first()
    if user is None:
        User.objects.create_user(email, password, name=name, is_staff=is_staff)
    else:
        user.set_password(password)
        user.save(update_fields=["password"])
    return SignIn(email, password)


def import_radiographs(say: Say) -> Collection:
    """The collection of real radiographs, from the best source there is."""
    source = sources.find()
    say(f"Importing {source.words}.")
    answer = io.StringIO()
    call_command(
        "import_images",
        source.folder,
        collection=REAL,
        manifest=source.folder / "manifest.csv",
        source=source.words,
        json=True,
        stdout=answer,
    )
    report = json.loads(answer.getvalue())
    say(f"{report['accepted']} radiographs accepted, {report['held']} held for a look.")
    return Collection.objects.get(name=REAL)


def draw_phantoms(actor: User, real: Collection, say: Say) -> None:
    """One phantom for each real radiograph it can imitate and a few to spare, in a batch like any other."""
    batch = Batch.objects.filter(collection__name=SYNTHETIC).first()
    if batch is None:
        generator, _ = Generator.objects.get_or_create(
            name="phantom", defaults={"provider": "phantom", "model": "phantom-1"}
        )
        collection, _ = Collection.objects.get_or_create(
            name=SYNTHETIC,
            defaults={
                "origin": Origin.SYNTHETIC,
                "source": "radiorate's numerical phantom",
                "licence": "computed; credits in docs/phantom.md",
            },
        )
        batch = batches.launch(
            generator=generator,
            collection=collection,
            orders=list(orders(generator, real)),
            budget_usd=Decimal(0),
            actor=actor,
        )
    waiting = list(batch.jobs.filter(state=Job.State.QUEUED).values_list("pk", flat=True))
    connections.close_all()  # a forked child must not speak over its parent's connection
    with multiprocessing.get_context("fork").Pool(os.cpu_count()) as pool:
        for done, _ in enumerate(pool.imap_unordered(runner.run, waiting), start=1):
            if done % 5 == 0 or done == len(waiting):
                say(f"{done} of {len(waiting)} phantoms drawn.")


def orders(generator: Generator, real: Collection) -> Iterator[batches.JobSpec]:
    """An order in the likeness of each real radiograph that can be imitated; then the first ones once more."""
    likenesses = [spec for spec in map(likeness, real.images.available()) if can_draw(generator, spec)]
    if not likenesses:
        raise ValueError("None of the radiographs shows a region and view that the phantom can draw.")
    spare = [likenesses[number % len(likenesses)] for number in range(SPARE_PHANTOMS)]
    for number, spec in enumerate([*likenesses, *spare]):
        yield batches.JobSpec(**vars(spec) | {"seed": SEED + number})


def likeness(image: Image) -> batches.JobSpec:
    """The order of an image of the same region, view, side, sex and shape."""
    scale = LONGER_SIDE / max(image.width, image.height)
    return batches.JobSpec(
        prompt=f"An X-ray of the {image.body_part}",
        body_part=image.body_part,
        view_position=image.view_position,
        laterality=image.laterality if image.laterality in ("L", "R") else "",
        patient_sex=image.patient_sex,
        width=round(image.width * scale),
        height=round(image.height * scale),
    )


def can_draw(generator: Generator, spec: batches.JobSpec) -> bool:
    try:
        batches.estimate(generator, [spec])
    except batches.Impossible:
        return False
    return bool(spec.view_position)


def design(slug: str, title: str, seed: int) -> dict[str, Any]:
    """What both studies have in common; where few radiographs are at hand, more controls and repeats make up for it."""
    share = 0.2 if Image.objects.filter(collection__name=REAL).count() >= FEW else 1
    return {
        "slug": slug,
        "title": title,
        "rubric": "radiographs",
        "seed": seed,
        "real_collections": [REAL],
        "synthetic_collections": [SYNTHETIC],
        "control_share": share,
        "repeat_share": share,
        "instructions": (
            "Two radiographs stand side by side. Score both, say which one you believe is real and how sure you are. "
            "The synthetic ones are phantoms computed by this program."
        ),
    }


UNMATCHED = "the demonstration takes the pairs it finds"


def open_demo(actor: User, real: Collection) -> None:
    """The open study, both demo readers enrolled."""
    study = Study.objects.filter(slug=OPEN_SLUG).first()
    if study is None:
        title = "Demo study"
        study = definition.create(design(OPEN_SLUG, title, SEED), actor)
    for email in READERS:
        user = User.objects.get(email=email)
        if not study.readers.filter(user=user).exists():
            enrolment.enrol(study, user)
    if study.state == Study.State.DRAFT:
        lifecycle.open_study(study, actor, accept_unmatched=UNMATCHED)


def close_simulated(actor: User) -> None:
    """The closed study whose ratings a program made, labelled so."""
    study = Study.objects.filter(slug=CLOSED_SLUG).first()
    if study is None:
        title = "Demo study, simulated"
        study = definition.create(design(CLOSED_SLUG, title, SEED + 1), actor, simulated=True)
    for number in range(1, SIMULATED_READERS + 1):
        email = f"simulated{number}@example.org"
        user = User.objects.filter(email=email).first()
        user = user or User.objects.create_user(email, name=f"Simulated reader {number}")
        if not study.readers.filter(user=user).exists():
            enrolment.enrol(study, user)
    if study.state == Study.State.DRAFT:
        lifecycle.open_study(study, actor, accept_unmatched=UNMATCHED)
        study.refresh_from_db()
    if study.state == Study.State.OPEN:
        simulation.simulate(study, SEED)
        lifecycle.close_study(study, actor)
