"""The ledger: every paid call that was ever begun, summed by month and batch, and as CSV for another program."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncMonth

from generation.models import Attempt, Job
from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.spreadsheet import guarded

COLUMNS = (
    "batch",
    "job",
    "attempt",
    "provider",
    "model",
    "mode",
    "idempotency_key",
    "outcome",
    "reserved_cost",
    "actual_cost",
    "currency",
    "provider_request_id",
    "started_at",
    "ended_at",
)
NOTHING = Decimal(0)
NOT_KNOWN = Q(actual_usd__isnull=True)
OPEN = NOT_KNOWN & Q(outcome=Attempt.Outcome.BEGUN)
SUMS = {
    "attempts": Count("pk"),
    "charged_usd": Coalesce(Sum("actual_usd"), NOTHING),
    "listed_usd": Coalesce(Sum("actual_usd", filter=Q(by_price_list=True)), NOTHING),
    "open_usd": Coalesce(Sum("reserved_usd", filter=OPEN), NOTHING),
    "unknown_usd": Coalesce(Sum("reserved_usd", filter=NOT_KNOWN & ~OPEN), NOTHING),
}


@dataclass(frozen=True)
class Total:
    """What attempts come to, in US dollars.

    charged: for sure; listed: the part of it that nobody told, by the price list. open: reserved by calls that are at
    work. unknown: reserved by calls of which nobody knows whether they were charged.
    """

    attempts: int
    charged_usd: Decimal
    listed_usd: Decimal
    open_usd: Decimal
    unknown_usd: Decimal

    @property
    def most_usd(self) -> Decimal:
        return self.charged_usd + self.open_usd + self.unknown_usd


def month_of(text: str) -> datetime:
    """The first moment of a month written as 2026-11, in UTC. Raises ValueError for anything else."""
    return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)


def within(month: datetime) -> QuerySet[Attempt]:
    """The attempts begun in that calendar month, UTC."""
    following = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
    return Attempt.objects.filter(begun_at__gte=month, begun_at__lt=following)


def months() -> list[datetime]:
    """The months in which anything was begun, the latest first."""
    return list(Attempt.objects.datetimes("begun_at", "month", order="DESC", tzinfo=UTC))


def total(attempts: QuerySet[Attempt]) -> Total:
    return Total(**attempts.aggregate(**SUMS))


def by_month_and_batch(attempts: QuerySet[Attempt]) -> QuerySet[Attempt, Any]:
    """One line for each month and batch, with the names of `Total`; the latest first."""
    named = {"batch": F("job__batch"), "generator": F("job__batch__generator__name")}
    lines = attempts.order_by().annotate(month=TruncMonth("begun_at", tzinfo=UTC), **named)
    grouped = lines.values("month", "batch", "generator", protocol=F("job__batch__protocol"))
    return grouped.annotate(**SUMS).order_by("-month", "-batch")


def unsettled() -> QuerySet[Attempt]:
    """The attempts a person must settle: their jobs are unknown, or nobody told whether a refusal was charged.

    Imported ones are none of this program's calls: what they cost stays as it was told.
    """
    lost = Q(outcome=Attempt.Outcome.LOST, job__state=Job.State.UNKNOWN)
    return Attempt.objects.filter(
        NOT_KNOWN & (lost | Q(outcome=Attempt.Outcome.REFUSED)), job__batch__is_imported=False
    ).order_by("pk")


def export(attempts: QuerySet[Attempt], actor: User | None, **chosen: str) -> Iterator[str]:
    """CSV text, a line at a time; the audit entry comes before the first.

    Costs are decimals as text, an unknown one is empty; times are RFC 3339 in UTC; job and attempt are counted from 1
    in their batch and job. What a spreadsheet would compute gets an apostrophe before it.
    """
    audit.record(actor, "ledger.exported", "ledger", detail={name: value for name, value in chosen.items() if value})
    return _lines(attempts)


def _lines(attempts: QuerySet[Attempt]) -> Iterator[str]:
    writer = csv.writer(_Echo(), lineterminator="\n")
    yield writer.writerow(COLUMNS)
    for attempt in attempts.select_related("job__batch__generator").order_by("pk").iterator():
        job, generator = attempt.job, attempt.job.batch.generator
        yield writer.writerow(
            [
                job.batch_id,
                job.number,
                attempt.number,
                guarded(generator.provider),
                guarded(generator.model),
                job.mode,
                attempt.idempotency_key,
                attempt.outcome,
                f"{attempt.reserved_usd:f}",
                "" if attempt.actual_usd is None else f"{attempt.actual_usd:f}",
                "USD",
                guarded(attempt.provider_request_id),
                _utc(attempt.begun_at),
                _utc(attempt.ended_at),
            ]
        )


def _utc(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else ""


class _Echo:
    """A file for csv.writer that keeps nothing: writerow gives back what it would have written."""

    def write(self, line: str) -> str:
        return line
