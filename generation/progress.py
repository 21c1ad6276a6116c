"""What a page says about a batch and its jobs: how far it is, what it cost, and what a person must decide."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db.models import Count, F, Max, Min
from django.db.models.functions import Now
from django.utils import timezone

from generation.models import Attempt, Batch, Job, Output
from radiorate.images.models import Image

State = Job.State
RECENT_JOBS, RECENT, FEWEST_JOBS = 50, timedelta(minutes=15), 5  # what an estimate is made from
SILENT_SECONDS = 30  # from here on a person is told; a slow answer may take longer, so it is no fault yet
TONES = {State.SUCCEEDED: "good", State.REFUSED: "warn", State.UNKNOWN: "warn", State.FAILED: "bad"}


@dataclass(frozen=True)
class Progress:
    """A batch, as one line of the list and the head of its page."""

    batch: Batch
    counts: dict[str, int]  # by state, in the order of a job's life
    ordered: int
    charged_usd: Decimal
    open_usd: Decimal  # begun or of unknown outcome: counted as spent until it is known

    @property
    def ended(self) -> int:
        return self.ordered - self.counts[State.QUEUED] - self.counts[State.RUNNING]

    @property
    def is_live(self) -> bool:
        return self.ended < self.ordered

    @property
    def most_usd(self) -> Decimal:
        return self.charged_usd + self.open_usd

    @property
    def word(self) -> str:
        if self.is_live:
            return "stopping" if self.batch.stopped_at else "running" if not self.batch.paused_at else self._paused
        if self.counts[State.UNKNOWN]:
            return "needs a decision"
        return "stopped" if self.batch.stopped_at else "finished"

    @property
    def _paused(self) -> str:
        return "pausing" if self.counts[State.RUNNING] else "paused"

    @property
    def tone(self) -> str:
        return {"running": "", "finished": "good"}.get(self.word, "warn")

    @property
    def can_pause(self) -> bool:
        return self.can_cancel and not self.batch.paused_at

    @property
    def can_go_on(self) -> bool:
        return self.can_cancel and bool(self.batch.paused_at)

    @property
    def can_cancel(self) -> bool:
        return self.is_live and not self.batch.stopped_at

    @property
    def can_resume(self) -> bool:
        return not self.is_live and bool(
            self.batch.stopped_at or self.counts[State.CANCELLED] or self.counts[State.FAILED]
        )

    @property
    def badges(self) -> list[tuple[str, int, str]]:
        """State, number of jobs in it, and tone, for each state that has any."""
        return [(state, count, TONES.get(State(state), "")) for state, count in self.counts.items() if count]


def of(batch: Batch) -> Progress:
    """The progress of a batch that was fetched with `with_progress()`."""
    told = vars(batch)
    counts = {state.value: (told["counts"] or {}).get(state.value, 0) for state in State}
    return Progress(batch, counts, sum(counts.values()), told["charged_usd"], told["open_usd"])


@dataclass(frozen=True)
class Pace:
    """How fast a batch's jobs end: what a page says of the time left, and how soon it asks again."""

    poll_seconds: int  # 0: nothing can change by itself
    minutes_left: float | None = None  # None: too few jobs have ended lately to say

    @property
    def words(self) -> str:
        """The time left, no more exact than it is known."""
        if self.minutes_left is None:
            return ""
        if self.minutes_left < 1.5:
            return f"about {max(10, round(self.minutes_left * 6) * 10)} s left"
        if self.minutes_left < 90:
            return f"about {round(self.minutes_left)} min left"
        return f"about {round(self.minutes_left / 60)} h left"


def pace(row: Progress) -> Pace:
    """The pace of a batch by those of its jobs that ended lately, calls that hung and pauses of workers included."""
    if not row.is_live:
        return Pace(0)
    ended = row.batch.jobs.filter(finished_at__gt=Now() - RECENT).exclude(state=State.CANCELLED)
    ago = ended.order_by("-finished_at").annotate(ago=Now() - F("finished_at")).values_list("ago", flat=True)
    ages = [age.total_seconds() for age in ago[:RECENT_JOBS]]
    if row.word == "paused":
        return Pace(10)
    quiet = min([*ages[:1], (timezone.now() - row.batch.created_at).total_seconds()])
    poll_seconds = 1 if quiet < 15 else 2 if quiet < 60 else 5
    if len(ages) < FEWEST_JOBS or row.batch.paused_at:
        return Pace(poll_seconds)
    # From the oldest of them until now: while nothing ends, the time left grows and doesn't shrink.
    return Pace(poll_seconds, (row.ordered - row.ended) * ages[-1] / (len(ages) - 1) / 60)


@dataclass(frozen=True)
class Silence:
    """Running jobs that no worker has reported on for a while: a slow answer, or a worker that went away."""

    jobs: int
    seconds: int  # since the last word on the one longest silent
    taken_back_by: datetime
    is_overdue: bool  # the reaper should have taken one back, and has not


def silence(batch: Batch) -> Silence | None:
    """What is silent in a batch; None when every worker has reported lately. The database's clock counts."""
    lease, sweep = timedelta(seconds=settings.LEASE_SECONDS), timedelta(seconds=settings.SWEEP_SECONDS)
    heard_before = Now() - timedelta(seconds=SILENT_SECONDS)
    silent = batch.jobs.filter(state=State.RUNNING, lease_until__lt=heard_before + lease)
    told = silent.aggregate(jobs=Count("pk"), left=Min("lease_until") - Now(), last=Max("lease_until"))
    if not told["jobs"]:
        return None
    seconds = round((lease - told["left"]).total_seconds())
    return Silence(told["jobs"], seconds, told["last"] + sweep, is_overdue=told["left"] < -2 * sweep)


@dataclass(frozen=True)
class JobRow:
    """A job fetched with its attempts and their outputs, as one line of a batch's table and the head of its page."""

    job: Job

    @property
    def tone(self) -> str:
        return "warn" if self.is_excluded else TONES.get(State(self.job.state), "")

    @property
    def word(self) -> str:
        if self.is_excluded:
            return "excluded"
        return "on hold" if self.job.on_hold and self.job.state == State.QUEUED else str(self.job.state)

    @property
    def reason(self) -> str:
        return self.image.state_reason if self.image and self.is_excluded else self.job.state_reason

    @property
    def is_excluded(self) -> bool:
        """Whether its image was taken out, by a person and with a reason."""
        return self.image is not None and self.image.state == Image.State.WITHDRAWN

    @property
    def attempts(self) -> list[Attempt]:
        return list(self.job.attempts.all())

    @property
    def output(self) -> Output | None:
        return next((output for attempt in self.attempts for output in attempt.outputs.all()), None)

    @property
    def image(self) -> Image | None:
        return self.output.image if self.output else None

    @property
    def changed_percent(self) -> float:
        """Of the pixels an edit was to keep, how many came back changed."""
        return 100 * (self.output.changed_outside or 0) if self.output else 0

    @property
    def most_usd(self) -> Decimal:
        """What it cost, with what may yet turn out to be charged."""
        sums = (a.reserved_usd if a.actual_usd is None else a.actual_usd for a in self.attempts)
        return sum(sums, Decimal(0))
