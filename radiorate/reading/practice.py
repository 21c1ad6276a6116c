"""Practice that has to succeed: a study may ask for agreement with expected scores before the first pair that counts.

Each time through the practice pairs is an attempt: its answers are one version of the pairs' ratings, and the earlier
versions stay. Who falls short practises again, until the attempts are used up and an admin decides.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.reading.models import PracticeAttempt, PracticePass, RatingEvent
from radiorate.studies.models import Assignment, Criterion, Pair, Reader, comes_no_more

TOLERANCE = 1  # levels


class NotPassed(ValueError):
    """Why a reader was not let pass, in a sentence."""


@dataclass(frozen=True)
class Compared:
    """One expected score beside what the reader gave; `given` is None where she called it not assessable."""

    label: str
    letter: str
    given: int | None
    expected: int

    @property
    def is_met(self) -> bool:
        return self.given is not None and abs(self.given - self.expected) <= TOLERANCE


def is_short(reader: Reader) -> bool:
    """Whether the agreement that the study asks for is still missing."""
    if not reader.study.practice_agreement or PracticePass.objects.filter(reader=reader).exists():
        return False
    return not any(attempt.is_enough for attempt in _attempts(reader))


def attempts_left(reader: Reader) -> int:
    return max(0, reader.study.practice_attempts - len(_attempts(reader)))


def last(reader: Reader) -> PracticeAttempt | None:
    return next(reversed(_attempts(reader)), None)


def again(reader: Reader, *, begin: bool) -> Assignment | None:
    """The pair to be rated anew in a further attempt that has begun, or that begins now; None where there is none."""
    pairs = _rated(reader)
    versions = [pair.rating.version for pair in pairs]
    has_begun = len(set(versions)) > 1
    if not pairs or not (has_begun or (begin and attempts_left(reader))):
        return None
    return pairs[versions.index(min(versions))]


def conclude(reader: Reader) -> None:
    """Store the attempt that the latest answer has completed, if it has completed one."""
    if not reader.study.practice_agreement:
        return
    pairs = _rated(reader)
    unrated = _practised(reader).filter(rating__isnull=True)
    versions = {pair.rating.version for pair in pairs}
    if len(versions) != 1 or unrated.exists():
        return
    number = versions.pop()
    events = RatingEvent.objects.filter(presentation__assignment__in=pairs, version=number)
    answers = {event.presentation.assignment_id: event.answers for event in events.select_related("presentation")}
    rows = [row for pair in pairs for row in compared(pair, answers[pair.pk])]
    counts = {"met": sum(row.is_met for row in rows), "expected": len(rows)}
    PracticeAttempt.objects.get_or_create(reader=reader, number=number, defaults=counts)


def compared(assignment: Assignment, answers: dict[str, Any]) -> list[Compared]:
    """The expected scores of a practice pair beside the given ones, in the order of the page."""
    study, rows = assignment.reader.study, []
    for criterion in study.rubric.criteria.all():
        if criterion.target != Criterion.Target.EACH or not criterion.applies_to(assignment.pair.body_part):
            continue
        for side, letter, image in (("left", "A", assignment.left), ("right", "B", assignment.right)):
            expected = study.expected_scores.get(image.sha256, {}).get(criterion.key)
            if expected is not None:
                given = answers["scores"].get(criterion.key, {}).get(side)
                rows.append(Compared(criterion.label, letter, given, expected))
    return rows


@transaction.atomic
def let_pass(reader: Reader, actor: User, reason: str) -> None:
    """Let a reader go on without the agreement; the reason stays. Raises NotPassed."""
    if not reason.strip():
        raise NotPassed("Say why this reader may go on without the agreement.")
    if not is_short(reader):
        raise NotPassed(f"{reader.code} needs no more practice.")
    PracticePass.objects.get_or_create(reader=reader)
    detail = {"reader": reader.code}
    audit.record(actor, "study.reader_let_pass", f"study {reader.study.slug}", reason=reason, detail=detail)


def _attempts(reader: Reader) -> list[PracticeAttempt]:
    attempts = list(PracticeAttempt.objects.filter(reader=reader).order_by("number"))
    for attempt in attempts:
        attempt.reader = reader
    return attempts


def _practised(reader: Reader) -> "QuerySet[Assignment]":
    return reader.assignments.filter(pair__kind=Pair.Kind.PRACTICE).exclude(comes_no_more("pair"))


def _rated(reader: Reader) -> list[Assignment]:
    """The reader's practice pairs that are rated and can still be shown, in their order."""
    rated = _practised(reader).filter(rating__isnull=False).order_by("session", "position")
    found = list(rated.select_related("pair__first", "pair__second", "rating"))
    for assignment in found:
        assignment.reader = reader
    return found
