"""When a session may begin and be changed: after the wash-out, and until it is finished where the study closes it.

An admin may open a session earlier, or again, with a reason.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.reading.models import EarlyOpening, Rating, RatingEvent, SessionReopening
from radiorate.studies.models import Assignment, Reader, comes_no_more


class NotOpened(ValueError):
    """Why a session was not opened early, or again, in a sentence."""


class Finished(Exception):
    """The session is finished and takes no more changes; `number` says which."""

    def __init__(self, number: int) -> None:
        super().__init__(str(number))
        self.number = number


def locked_until(reader: Reader, session: int) -> datetime | None:
    """When the reader's session may begin; None when it may now.

    The wash-out runs from the last first answer of the sessions before: an answer changed later does not prolong it.
    A session that has begun is not locked again, even where an earlier pair comes back.
    """
    if session == 1 or not reader.study.washout_days:
        return None
    if EarlyOpening.objects.filter(reader=reader, session=session).exists():
        return None
    if Rating.objects.filter(assignment__reader=reader, assignment__session=session).exists():
        return None
    before = RatingEvent.objects.filter(
        presentation__assignment__reader=reader, presentation__assignment__session__lt=session, version=1
    )
    ended: datetime | None = before.aggregate(last=Max("received_at"))["last"]
    until = ended + timedelta(days=reader.study.washout_days) if ended else None
    return until if until and until > timezone.now() else None


def is_finished(reader: Reader, session: int) -> bool:
    """Whether the study closes a session after its last pair, this one is over, and no admin has re-opened it."""
    if not reader.study.sessions_close:
        return False
    waiting = Assignment.objects.filter(reader=reader, session=session, rating__isnull=True)
    if waiting.exclude(comes_no_more("pair")).exists():
        return False
    return not SessionReopening.objects.filter(reader=reader, session=session).exists()


def refuse_finished(reader: Reader, session: int) -> None:
    """Raises Finished where the session takes no more changes."""
    if is_finished(reader, session):
        raise Finished(session)


@transaction.atomic
def reopen(reader: Reader, session: int, actor: User, reason: str) -> None:
    """Let a reader change answers of a finished session; the reason stays. Raises NotOpened."""
    if not reason.strip():
        raise NotOpened("Say why the session is opened again.")
    if not Assignment.objects.filter(reader=reader, session=session).exists():
        raise NotOpened(f"{reader.code} has no session {session}.")
    if not is_finished(reader, session):
        raise NotOpened(f"{reader.code} can change session {session} already.")
    SessionReopening.objects.get_or_create(reader=reader, session=session)
    detail = {"reader": reader.code, "session": session}
    audit.record(actor, "study.session_reopened", f"study {reader.study.slug}", reason=reason, detail=detail)


@transaction.atomic
def open_early(reader: Reader, session: int, actor: User, reason: str) -> None:
    """Let a reader begin a session before the wash-out is over; the reason stays. Raises NotOpened."""
    if not reason.strip():
        raise NotOpened("Say why the session may begin before the wash-out is over.")
    _, opened = EarlyOpening.objects.get_or_create(reader=reader, session=session)
    if opened:
        detail = {"reader": reader.code, "session": session}
        audit.record(actor, "study.session_opened_early", f"study {reader.study.slug}", reason=reason, detail=detail)
