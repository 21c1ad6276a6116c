"""Taking readers into a study and out of it again; what they have rated stays in any case."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images.models import Import
from radiorate.studies import assigning, blocks
from radiorate.studies.models import Assignment, Pair, Reader, Study


class Refused(ValueError):
    """Why a person can't be enrolled, in a sentence."""


@transaction.atomic
def enrol(
    study: Study, user: User, *, years: int | None = None, subspecialty: str = "", actor: User | None = None
) -> Reader:
    """The new reader, with all showings planned where the study is open already.

    A reader who was removed comes back under the old code and plan. Raises Refused.
    """
    # The lock gives numbers one by one, and lets an enrolment come either before an opening or after it.
    study = Study.objects.select_for_update().get(pk=study.pk)
    if study.state == Study.State.CLOSED:
        raise Refused(f"{study.title} is closed: nobody can be enrolled any more.")
    if user.is_staff:
        raise Refused(f"{user.email} is an admin, and admins see which images are real: they can't be readers.")
    if not user.is_active:
        raise Refused(f"{user.email} is a closed account.")
    if _has_handled(study, user):
        raise Refused(f"{user.email} has imported images of this study and so knows where they come from.")
    reader = study.readers.filter(user=user).first()
    if reader and not reader.removed_at:
        raise Refused(f"{user.email} is already a reader of {study.title}, as {reader.code}.")
    if reader:
        Reader.objects.filter(pk=reader.pk).update(removed_at=None)
        reader.removed_at = None
    else:
        number = (study.readers.aggregate(last=Max("number"))["last"] or 0) + 1
        reader = Reader(
            study=study, user=user, number=number, code=f"R{number}", years=years, subspecialty=subspecialty
        )
        try:
            reader.full_clean()
        except ValidationError as problem:
            raise Refused(" ".join(problem.messages)) from None
        reader.save(force_insert=True)
    if study.is_open and not reader.assignments.exists():
        plan(reader)
    audit.record(actor, "study.reader_enrolled", f"study {study.slug}", detail={"reader": reader.code})
    return reader


@transaction.atomic
def remove(reader: Reader, actor: User, reason: str) -> None:
    """Keep a reader from rating any more; nothing happens to one who was removed before."""
    removed = Reader.objects.filter(pk=reader.pk, removed_at__isnull=True).update(removed_at=timezone.now())
    if removed:
        detail = {"reader": reader.code}
        audit.record(actor, "study.reader_removed", f"study {reader.study.slug}", reason=reason, detail=detail)


def describe(reader: Reader, facts: Mapping[str, Any]) -> None:
    """Store what a reader says of herself: years, subspecialty and ai_exposure; the first time stays."""
    values = {key: facts[key] for key in ("years", "subspecialty", "ai_exposure")}
    Reader.objects.filter(pk=reader.pk, profiled_at__isnull=True).update(**values, profiled_at=Now())


def plan(reader: Reader) -> None:
    """Write all assignments of a reader who has none: practice first, in one order for all, then her pairs."""
    study = reader.study
    drawn = list(study.pairs.order_by("code"))
    practice = [pair for pair in drawn if pair.kind == Pair.Kind.PRACTICE]
    sides = assigning.first_sides(study.seed, reader.number, [assigning.Trial(pair.code) for pair in practice])
    before = [
        Assignment(reader=reader, pair=pair, session=1, position=position, first_side=sides[pair.code])
        for position, pair in enumerate(practice, start=1)
    ]
    turns = {0: 0} | blocks.turns(reader.number, study.blocks, study.blocks_per_reader)
    pairs = {pair.code: pair for pair in drawn if pair.kind != Pair.Kind.PRACTICE and (pair.block or 0) in turns}
    trials = [
        assigning.Trial(code, pair.kind == Pair.Kind.MAIN, pair.body_part, pair.block or 0, turns[pair.block or 0])
        for code, pair in pairs.items()
    ]
    planned = assigning.plan(study.seed, reader.number, trials, study.sessions, Decimal(study.repeat_share))

    def assignment(showing: assigning.Planned, repeat_of: Assignment | None = None) -> Assignment:
        return Assignment(
            reader=reader,
            pair=pairs[showing.pair],
            session=showing.session,
            position=showing.position + (len(practice) if showing.session == 1 else 0),
            first_side=showing.first_side,
            repeat_of=repeat_of,
        )

    first = {showing.pair: assignment(showing) for showing in planned if not showing.is_repeat}
    Assignment.objects.bulk_create([*before, *first.values()])
    Assignment.objects.bulk_create(
        assignment(showing, repeat_of=first[showing.pair]) for showing in planned if showing.is_repeat
    )


def _has_handled(study: Study, user: User) -> bool:
    return Import.objects.filter(
        collection__in=study.real_collections.all().union(study.synthetic_collections.all()).values("pk"),
        started_by=user,
    ).exists()
