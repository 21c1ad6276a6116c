"""Storing a reader's answer once, whatever the network, a second window or an impatient finger does.

The presentation's id is the submission id. In one transaction: the assignment is locked, what is stored about it is
read, and the answer is added to the events and becomes the current rating.
"""

from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from radiorate.reading.models import Mark, Presentation, Rating, RatingEvent, Score
from radiorate.studies.models import Study

# One statement locks all three: the assignment against another window, the study against being closed and the reader
# against being removed before this rating is committed. SHARE lets the study's other readers rate meanwhile.
LOCK = """
    SELECT study.state, reader.removed_at
    FROM studies_assignment assignment
    JOIN studies_reader reader ON reader.id = assignment.reader_id
    JOIN studies_study study ON study.id = reader.study_id
    WHERE assignment.id = %s
    FOR NO KEY UPDATE OF assignment FOR SHARE OF reader, study
"""
LONGEST_SECONDS = Decimal("999999")


class NotOpen(Exception):
    """The study was closed, or the reader taken out of it; nothing was stored."""


class Answered(Exception):
    """The pair has a rating that this answer does not follow; nothing was stored. `saved` made that rating."""

    def __init__(self, saved: RatingEvent) -> None:
        super().__init__(str(saved))
        self.saved = saved


class Conflict(Answered):
    """The pair was rated elsewhere after this page was made."""


class Different(Answered):
    """This very page was answered before, with other answers."""


@transaction.atomic
def submit(presentation: Presentation, answers: dict[str, Any], client_times: dict[str, Any]) -> Rating:
    """The assignment's current rating, made of these answers; the same id and answers again change nothing.

    answers: as RatingForm cleans them. client_times: milliseconds, as sent by the page; may be empty.
    Raises Different, NotOpen or Conflict.
    """
    assignment = presentation.assignment
    is_open = _lock(assignment.pk)
    # A statement of its own: after waiting for the lock, the locking one would still see the older events.
    events = list(RatingEvent.objects.filter(presentation__assignment=assignment).order_by("version"))
    latest = events[-1] if events else None
    for event in events:
        if event.presentation_id == presentation.pk:
            if event.answers != answers:
                raise Different(events[-1])
            return Rating.objects.get(assignment=assignment)
    if not is_open:
        raise NotOpen
    if latest and latest.version != presentation.version:
        raise Conflict(latest)

    event = RatingEvent.objects.create(
        presentation=presentation, answers=answers, client_times=client_times, version=presentation.version + 1
    )
    elapsed = (event.received_at - presentation.shown_at).total_seconds()
    current = {
        "event": event,
        "version": event.version,
        "believed_real": answers["believed_real"],
        "confidence": answers["confidence"],
        "comment": answers["comment"],
        "seconds": seconds_on_task(client_times, elapsed),
        "submitted_at": event.received_at,
    }
    if latest is None:
        rating = Rating.objects.create(assignment=assignment, **current)
    else:
        rating = Rating.objects.get(assignment=assignment)
        Rating.objects.filter(pk=rating.pk).update(**current)
        rating.refresh_from_db()
        rating.scores.all().delete()
        rating.marks.all().delete()
    Score.objects.bulk_create(_scores(rating, presentation, answers))
    if answers["marks"]:
        Mark.objects.bulk_create(Mark(rating=rating, **mark) for mark in answers["marks"])
    if hasattr(assignment, "draft"):
        assignment.draft.delete()
    return rating


def seconds_on_task(client_times: dict[str, Any], elapsed_seconds: float) -> Decimal:
    """Seconds from both images drawn to the accepted key, without pauses; `elapsed_seconds` where the page told none.

    A page can't have been looked at for longer than the server knows of it: such times aren't believed either.
    """
    try:
        seconds = (client_times["t_submit"] - client_times["t_shown"] - client_times["hidden_ms"]) / 1000
    except KeyError:
        seconds = elapsed_seconds
    if not 0 < seconds <= elapsed_seconds + 1:
        seconds = elapsed_seconds
    return min(max(Decimal(seconds).quantize(Decimal("0.001")), Decimal("0.001")), LONGEST_SECONDS)


def _lock(assignment_id: int) -> bool:
    """Lock the assignment, its reader and its study until the transaction ends; whether it may be rated."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [assignment_id])
        state, removed_at = cursor.fetchone()
    return state == Study.State.OPEN and removed_at is None


def _scores(rating: Rating, presentation: Presentation, answers: dict[str, Any]) -> list[Score]:
    criteria = {criterion.key: criterion for criterion in presentation.criteria}
    scores = [
        Score(rating=rating, criterion=criteria[key], side=side, value=value)
        for key, sides in answers["scores"].items()
        for side, value in sides.items()
    ]
    return scores + [
        Score(rating=rating, criterion=criteria[key], side=side, reason=reason)
        for key, sides in answers["not_assessable"].items()
        for side, reason in sides.items()
    ]
