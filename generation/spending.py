"""Whether there is money for another call: the batch's budget, and what all batches may spend in a calendar month."""

from decimal import Decimal

from django.db import transaction

from generation.models import Attempt, Batch, SpendingLimit
from radiorate.accounts import audit
from radiorate.accounts.models import User

NO_ROOM = "the budget of {} USD has no room for another call"
NO_ROOM_THIS_MONTH = "the monthly limit of {} USD has no room for another call"


def objection(batch: Batch, reserve_usd: Decimal) -> str:
    """Why this sum may not be reserved, in words; empty when it may. What costs nothing always may.

    The caller has locked the batch's row. Here the limit's is locked after it, until the reserved sum is committed: who
    took them in another order would deadlock.
    """
    if not reserve_usd:
        return ""
    if Attempt.objects.filter(job__batch=batch).most_usd() + reserve_usd > batch.budget_usd:
        return NO_ROOM.format(f"{batch.budget_usd.normalize():f}")
    monthly_usd = _locked_limit().monthly_usd
    if monthly_usd is not None and Attempt.objects.all().this_month().most_usd() + reserve_usd > monthly_usd:
        return NO_ROOM_THIS_MONTH.format(f"{monthly_usd:f}")
    return ""


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
