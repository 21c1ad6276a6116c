"""A study as it is, and as it would be if the truth were the other way round: read to the end, then undone."""

import logging
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.test import Client

from radiorate.accounts.models import User
from radiorate.blinding.browsing import Exchange, Reading
from radiorate.images.models import Image, Origin
from radiorate.reading.models import PracticePass
from radiorate.studies import draws
from radiorate.studies.models import Assignment, Pair, Reader, Side, Study, comes_no_more

MOST_PAIRS = 50
REHEARSER = 32_000  # the reader's number, which no enrolment comes near
OF_THE_FILE = {"id", "original", "sha256", "pixel_sha256", "width", "height", "bits", "mime"}


class World(Enum):
    """What is true in it."""

    AS_IS = "as it is"
    TURNED = "the sides turned round"  # other pixels at each place, and all that hangs on their origin with them
    RELABELLED = "the origins exchanged"  # the same pixels at each place, said to be of the other origin


@dataclass(frozen=True)
class Rehearsal:
    """What a reader got, and by showing in order, which side was real, if one was."""

    session: list[Exchange]
    truth: list[tuple[bool, bool]]  # (left is real, right is real)

    def pictures(self) -> list[tuple[bool, Exchange]]:
        """Each exchange about a picture, with whether that picture was real."""
        return [
            (self.truth[exchange.picture[0]][exchange.picture[1]], exchange)
            for exchange in self.session
            if exchange.picture
        ]


def rehearse(study: Study, world: World, most: int = MOST_PAIRS) -> Rehearsal:
    """A whole visit of a made-up reader to an open study, in a transaction that is undone at its end.

    most: how many of the study's pairs are read, drawn by its seed.
    """
    with transaction.atomic():
        pairs = _drawn(study, most)
        if world == World.RELABELLED:
            _exchange(study, pairs)
        user = User.objects.create(email=f"{uuid.uuid4()}@rehearsal.invalid")
        last = study.readers.aggregate(last=Max("number"))["last"] or 0
        reader = Reader.objects.create(study=study, user=user, number=max(last, REHEARSER) + 1, code="rehearsal")
        PracticePass.objects.create(reader=reader)
        assignments = [
            Assignment(reader=reader, pair=pair, session=1, position=place, first_side=_side(place, world))
            for place, pair in enumerate(pairs, start=1)
        ]
        Assignment.objects.bulk_create(assignments)
        client = Client(SERVER_NAME=_host(), HTTP_X_FORWARDED_PROTO="https")
        client.force_login(user)
        with _unlogged():
            session = Reading(client, study.slug).read()
        shown = Assignment.objects.filter(reader=reader).order_by("position")
        shown = shown.select_related("pair__first__collection", "pair__second__collection")
        truth = [(_is_real(each.left), _is_real(each.right)) for each in shown]
        transaction.set_rollback(True)
    return Rehearsal(session, truth)


def _drawn(study: Study, most: int) -> list[Pair]:
    """Pairs that count, in an order of their own; practice pairs tell their truth on purpose."""
    counted = study.pairs.exclude(kind=Pair.Kind.PRACTICE).exclude(comes_no_more())
    pairs = {pair.code: pair for pair in counted.select_related("first__collection", "second__collection")}
    return [pairs[code] for code in draws.shuffled(sorted(pairs), study.seed, "rehearsal")[:most]]


def _side(place: int, world: World) -> Side:
    left_first = (place % 2 == 1) != (world == World.TURNED)
    return Side.LEFT if left_first else Side.RIGHT


def _exchange(study: Study, pairs: Iterable[Pair]) -> None:
    """Give each image all that is written about one of the other origin, but not its file."""
    shown = {image.pk: image for pair in pairs for image in (pair.first, pair.second)}
    partners = {pair.first_id: pair.second for pair in pairs} | {pair.second_id: pair.first for pair in pairs}
    of = {origin: [image for image in shown.values() if image.collection.origin == origin] for origin in Origin}
    for image in shown.values():
        others = of[Origin.SYNTHETIC if _is_real(image) else Origin.REAL]
        partner = partners[image.pk]
        donor = partner if _is_real(partner) != _is_real(image) else (others[0] if others else partner)
        told = [each for each in Image._meta.concrete_fields if each.name not in OF_THE_FILE]
        Image.objects.filter(pk=image.pk).update(**{each.attname: getattr(donor, each.attname) for each in told})


def _is_real(image: Image) -> bool:
    return bool(image.collection.origin == Origin.REAL)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Nobody visited: the log of requests says nothing of a rehearsal but its faults."""
    requests = logging.getLogger("django_structlog")
    level = requests.level
    requests.setLevel(logging.ERROR)
    try:
        yield
    finally:
        requests.setLevel(level)


def _host() -> str:
    """A name the server answers to."""
    named = [host.lstrip(".") for host in settings.ALLOWED_HOSTS if host != "*"]
    return named[0] if named else "localhost"
