"""Whether there is money for another call: the batch's budget, and what all batches may spend in a calendar month."""

from dataclasses import dataclass
from decimal import Decimal

from django.db import transaction

from generation.models import Attempt, AttemptQuerySet, Batch, SpendingLimit
from radiorate.accounts import audit
from radiorate.accounts.models import User

NO_ROOM = "the budget of {} USD has no room for another call"
NO_ROOM_THIS_MONTH = "the monthly limit of {} USD has no room for another call"


@dataclass(frozen=True)
class Objection:
    """Why there is no money for a call; not final while sums that calls at work have reserved may turn out smaller."""

    reason: str
    is_final: bool


def objection(batch: Batch, reserve_usd: Decimal) -> Objection | None:
    """Why this sum may not be reserved; None when it may. What costs nothing always may.

    The caller has locked the batch's row. Here the limit's is locked after it, until the reserved sum is committed: who
    took them in another order would deadlock.
    """
    if not reserve_usd:
        return None
    words = NO_ROOM.format(f"{batch.budget_usd.normalize():f}")
    if found := _objection(Attempt.objects.filter(job__batch=batch), reserve_usd, batch.budget_usd, words):
        return found
    monthly_usd = _locked_limit().monthly_usd
    if monthly_usd is None:
        return None
    words = NO_ROOM_THIS_MONTH.format(f"{monthly_usd:f}")
    return _objection(Attempt.objects.all().this_month(), reserve_usd, monthly_usd, words)


def monthly_usd() -> Decimal | None:
    """The most that may be spent in a month; None when only the batches' budgets count."""
    return SpendingLimit.objects.filter(pk=1).values_list("monthly_usd", flat=True).first()


@transaction.atomic
def set_monthly_usd(limit_usd: Decimal | None, actor: User) -> None:
    """From its commit on no call begins that would pass the new limit; what was begun runs to its end."""
    row = _locked_limit()
    detail = {"from_usd": row.monthly_usd, "to_usd": limit_usd}
    row.monthly_usd = limit_usd
    row.save()
    audit.record(actor, "spending.limited", "monthly limit", detail=detail)


def _locked_limit() -> SpendingLimit:
    return SpendingLimit.objects.select_for_update(no_key=True).get_or_create(pk=1)[0]


def _objection(attempts: AttemptQuerySet, reserve_usd: Decimal, limit_usd: Decimal, words: str) -> Objection | None:
    most_usd = attempts.most_usd()
    if most_usd + reserve_usd <= limit_usd:
        return None
    at_work_usd = attempts.filter(outcome=Attempt.Outcome.BEGUN).most_usd()
    return Objection(words, is_final=most_usd - at_work_usd + reserve_usd > limit_usd)
