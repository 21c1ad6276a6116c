"""Which pair a reader sees: the next one without a rating, or an earlier one opened again.

Each showing is a row of its own with fresh tokens, also when the page is reloaded or opened in a second window. So two
windows never share a submission id, and the one that answers second is told that the pair was rated meanwhile.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now

from radiorate.accounts.models import User
from radiorate.images.models import Rendition
from radiorate.reading import practice, sessions
from radiorate.reading.models import Presentation
from radiorate.studies.models import Assignment, Pair, Reader, Side, comes_no_more

COUNTED = ~Q(pair__kind=Pair.Kind.PRACTICE)


@dataclass(frozen=True)
class Progress:
    """Where a pair stands in its reader's work: `place` of `total`, both counted over all sessions from 1.

    Practice pairs are counted by themselves: they are no part of the work that counts.
    """

    place: int
    total: int
    break_every: int
    is_first: bool  # of its session
    is_practice: bool

    @property
    def break_at(self) -> int:
        """The place after which the next break is due."""
        return (self.place + self.break_every - 1) // self.break_every * self.break_every


@dataclass(frozen=True)
class Wait:
    """A session whose pairs are not given yet, and when they are."""

    session: int
    until: datetime


def next_for(reader: Reader, ahead: UUID | None = None) -> Presentation | None:
    """A showing of the reader's first pair without a rating, by session and position.

    None when all are rated, while the wash-out before the next session lasts, or while the practice falls short.

    ahead: the id of a showing the browser has loaded beforehand; it is used where it is the one that is due.
    """
    due = _first_unrated(reader)
    if due is None or sessions.locked_until(reader, due.session) or _is_kept_back(due):
        return None
    if ahead and Presentation.objects.live().filter(pk=ahead, assignment=due).update(shown_at=Now()):
        return _of(reader, due, Presentation.objects.get(pk=ahead))
    return _of(reader, due, Presentation.objects.create(assignment=due))


def wait(reader: Reader) -> Wait | None:
    """The locked session the reader's next pair stands in; None when there is nothing to wait for."""
    due = _first_unrated(reader)
    until = sessions.locked_until(reader, due.session) if due else None
    return Wait(due.session, until) if due and until else None


def session_due(reader: Reader) -> int | None:
    """The session of the reader's next pair; None when all are rated."""
    due = _first_unrated(reader)
    return due.session if due else None


def is_done(reader: Reader) -> bool:
    """Whether the reader has rated every pair there is to rate."""
    return _first_unrated(reader) is None


def after(shown: Presentation) -> Presentation | None:
    """A showing, made ahead, of the pair without a rating that follows the one on the screen; None at the end.

    The pixels of a session that a wash-out will lock are not given ahead either.
    """
    here = shown.assignment
    due = _first_unrated(here.reader, _later_than(here))
    if due is None or (due.session != here.session and here.reader.study.washout_days):
        return None
    if here.pair.kind == Pair.Kind.PRACTICE and _is_kept_back(due):
        return None
    return _of(here.reader, due, Presentation.objects.create(assignment=due))


def again(reader: Reader, place: int) -> Presentation | None:
    """A new showing of a pair the reader has rated, counted from 1; it starts from the current rating.

    A practice pair is not opened again: its truth has been told. Nor is any where the time to look is limited.
    Raises sessions.Finished where the pair's session takes no more changes.
    """
    if reader.study.exposure_seconds:
        return None
    rated = (
        _planned(reader)
        .filter(COUNTED)
        .order_by("session", "position")
        .select_related("pair", "draft", "rating__event")
    )
    assignment = rated[place - 1 : place].first() if place > 0 else None
    if assignment is None or not hasattr(assignment, "rating"):
        return None
    sessions.refuse_finished(reader, assignment.session)
    return _of(reader, assignment, show(assignment, assignment.rating.version))


def show(assignment: Assignment, version: int) -> Presentation:
    """A new showing whose answer will follow that version of the rating; 0: the pair's first rating."""
    return Presentation.objects.create(assignment=assignment, version=version)


def progress(shown: Presentation) -> Progress:
    """The place of the pair on the screen among all its reader will see."""
    here = shown.assignment
    is_practice = here.pair.kind == Pair.Kind.PRACTICE
    counts = (
        _planned(here.reader)
        .filter(~COUNTED if is_practice else COUNTED)
        .aggregate(
            total=Count("pk"),
            later=Count("pk", filter=_later_than(here)),
            before=Count("pk", filter=Q(session=here.session, position__lt=here.position)),
        )
    )
    place = counts["total"] - counts["later"]
    return Progress(place, counts["total"], shown.study.break_every, not counts["before"], is_practice)


def place_before(shown: Presentation, position: Progress) -> int | None:
    """The place that Back leads to; None where `again` would not open it."""
    if position.place == 1 or position.is_practice or shown.study.exposure_seconds:
        return None
    here = shown.assignment
    if position.is_first and sessions.is_finished(here.reader, here.session - 1):
        return None
    return position.place - 1


def is_break_due(answered: Presentation, shown: Presentation, position: Progress) -> bool:
    """Whether a break comes before this pair: enough pairs were rated for the first time, or a session ended."""
    session_ended = answered.assignment.session != shown.assignment.session
    return answered.version == 0 and (session_ended or (position.place - 1) % position.break_every == 0)


def rendition(user: User, token: str) -> Rendition | None:
    """The pixels behind a token of this reader's, while the pair waits for its answer; None for every other token."""
    shown = (
        Presentation.objects.live()
        .shown_to(user)
        .filter(Q(left_token=token) | Q(right_token=token))
        .select_related("assignment__pair")
        .first()
    )
    if shown is None:
        return None
    on_first_side = (token == shown.left_token) == (shown.assignment.first_side == Side.LEFT)
    pair = shown.assignment.pair
    image = pair.first_id if on_first_side else pair.second_id
    return Rendition.objects.filter(image_id=image, recipe=pair.recipe).first()


def _planned(reader: Reader) -> "QuerySet[Assignment]":
    """The reader's assignments, without the pairs that come no more."""
    return Assignment.objects.filter(reader=reader).exclude(comes_no_more("pair"))


def _first_unrated(reader: Reader, *conditions: Q) -> Assignment | None:
    waiting = _planned(reader).filter(*conditions, rating__isnull=True)
    due = waiting.order_by("session", "position").select_related("pair", "draft").first()
    if due:
        due.reader = reader
    return due


def _is_kept_back(due: Assignment) -> bool:
    """Whether a pair that counts has to wait until its reader's practice succeeds."""
    return due.pair.kind != Pair.Kind.PRACTICE and practice.is_short(due.reader)


def _later_than(here: Assignment) -> Q:
    return Q(session__gt=here.session) | Q(session=here.session, position__gt=here.position)


def _of(reader: Reader, assignment: Assignment, shown: Presentation) -> Presentation:
    """The showing with its reader and assignment filled in, so the page needs no query for what is known."""
    assignment.reader = reader
    shown.assignment = assignment
    return shown
