"""When a generator may be called again: its slots, its calls a minute, and the pauses its provider asked for.

`wait` is asked under the lock of the generator's row, so the limits hold over all workers. `room` only keeps more
messages from going out than can be answered.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from generation import restoring
from generation.models import Attempt, Batch, Generator, Job

LIMITS = ("slots", "per_minute", "held_until")
MINUTE = timedelta(minutes=1)
# For the few jobs that find all slots taken, or the money reserved: the others aren't sent before a call has ended.
SLOT_WAIT = timedelta(seconds=2)
RESTORED_WAIT = timedelta(minutes=1)


@dataclass(frozen=True)
class Wait:
    """Until when a job can't begin, and why."""

    until: datetime
    reason: str


def wait(batch: Batch, objection: str = "") -> Wait | None:
    """What keeps a call of this batch from beginning now; None when nothing does.

    objection: against the money for it, until calls at work have ended. The batch comes with `now` and `is_at_home`,
    its generator's row locked until the call is committed.
    """
    generator, now = batch.generator, batch.now  # type: ignore[attr-defined]
    if not batch.is_at_home:  # type: ignore[attr-defined]
        return Wait(now + RESTORED_WAIT, restoring.REASON)
    if generator.held_until and generator.held_until > now:
        return Wait(generator.held_until, "the provider asked for a pause")
    if objection:
        return Wait(now + SLOT_WAIT, f"{objection} while others are at work")
    if generator.slots and _open_calls(generator) >= generator.slots:
        return Wait(now + SLOT_WAIT, f"all {generator.slots} slots of {generator} are taken")
    if generator.per_minute:
        begun = _calls_of_last_minute(generator).order_by("-begun_at").values_list("begun_at", flat=True)
        if earliest := begun[generator.per_minute - 1 : generator.per_minute].first():
            return Wait(earliest + MINUTE, f"{generator} takes {generator.per_minute} calls a minute")
    return None


def room(generator: Generator) -> float:
    """How many more messages are of use now, beside those that are out; infinite where there is no limit."""
    if generator.held_until and Generator.objects.filter(pk=generator.pk, held_until__gt=Now()).exists():
        return 0
    if not generator.slots and not generator.per_minute:
        return math.inf
    jobs = Job.objects.filter(batch__generator=generator)
    sent = jobs.filter(state=Job.State.QUEUED, sent_at__isnull=False).count()
    free = []
    if generator.slots:
        free.append(generator.slots - sent - jobs.filter(state=Job.State.RUNNING).count())
    if generator.per_minute:
        free.append(generator.per_minute - sent - _calls_of_last_minute(generator).count())
    return max(0, min(free))


def hold(generator: Generator, seconds: float) -> None:
    """Leave alone for a while all generators that share this one's connection; the caller is in a transaction."""
    until = Now() + timedelta(seconds=seconds)
    connection = generator.connection or generator.provider
    same = Q(connection__iexact=connection) | Q(connection="", provider__iexact=connection)
    held = [row.pk for row in Generator.objects.select_for_update(no_key=True).filter(same).order_by("pk")]
    Generator.objects.filter(pk__in=held).exclude(held_until__gt=until).update(held_until=until)
    # Whoever takes one of them in this moment is told by `wait`; to wait here for its lock might be a deadlock.
    waiting = Job.objects.filter(state=Job.State.QUEUED, batch__generator__in=held).exclude(not_before__gt=until)
    untaken = waiting.select_for_update(no_key=True, skip_locked=True, of=("self",)).values("pk")
    Job.objects.filter(pk__in=untaken).update(not_before=until, sent_at=None)


def _open_calls(generator: Generator) -> int:
    return Attempt.objects.filter(outcome=Attempt.Outcome.BEGUN, job__batch__generator=generator).count()


def _calls_of_last_minute(generator: Generator) -> QuerySet[Attempt]:
    return Attempt.objects.filter(job__batch__generator=generator, begun_at__gt=Now() - MINUTE)
