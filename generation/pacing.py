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
from generation.beginning import Terms
from generation.models import Attempt, Generator, Job

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


def wait(terms: Terms, objection: str = "") -> Wait | None:
    """What keeps a call from beginning now; None when nothing does.

    terms: locked until the call is committed.
    objection: against the money for it, until calls at work have ended.
    """
    if not terms.is_at_home:
        return Wait(terms.now + RESTORED_WAIT, restoring.REASON)
    if terms.held_until and terms.held_until > terms.now:
        return Wait(terms.held_until, "the provider asked for a pause")
    if objection:
        return Wait(terms.now + SLOT_WAIT, f"{objection} while others are at work")
    if terms.slots and _open_calls(terms.generator_id) >= terms.slots:
        return Wait(terms.now + SLOT_WAIT, f"all {terms.slots} slots of {terms.generator} are taken")
    if terms.per_minute:
        begun = _calls_of_last_minute(terms.generator_id).order_by("-begun_at").values_list("begun_at", flat=True)
        if earliest := begun[terms.per_minute - 1 : terms.per_minute].first():
            return Wait(earliest + MINUTE, f"{terms.generator} takes {terms.per_minute} calls a minute")
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
        free.append(generator.per_minute - sent - _calls_of_last_minute(generator.pk).count())
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


def _open_calls(generator_id: int) -> int:
    return Attempt.objects.filter(outcome=Attempt.Outcome.BEGUN, job__batch__generator=generator_id).count()


def _calls_of_last_minute(generator_id: int) -> QuerySet[Attempt]:
    return Attempt.objects.filter(job__batch__generator=generator_id, begun_at__gt=Now() - MINUTE)
