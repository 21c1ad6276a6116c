"""Whether there is money for another call: the batch's budget, and what all batches may spend in a calendar month."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection, transaction

from generation.models import Attempt, SpendingLimit
from radiorate.accounts import audit
from radiorate.accounts.models import User

NO_ROOM = "the budget of {} USD has no room for another call"
NO_ROOM_THIS_MONTH = "the monthly limit of {} USD has no room for another call"
LOCK = "FOR NO KEY UPDATE OF spending"
# In SQL for the reason given in `beginning`. A batch's sum can't grow while its lock is waited for here.
MONEY = """
    SELECT monthly_usd, most_usd, at_work_usd
    FROM generation_spendinglimit AS spending, (
        SELECT coalesce(sum(coalesce(actual_usd, reserved_usd)), 0) AS most_usd,
               coalesce(sum(coalesce(actual_usd, reserved_usd)) FILTER (WHERE outcome = 'begun'), 0) AS at_work_usd
        FROM generation_attempt AS attempt JOIN generation_job AS job ON job.id = attempt.job_id
        WHERE job.batch_id = %s
    ) AS spent
    WHERE spending.id = 1
"""


@dataclass(frozen=True)
class Objection:
    """Why there is no money for a call; not final while sums that calls at work have reserved may turn out smaller."""

    reason: str
    is_final: bool


def objection(batch_id: int, budget_usd: Decimal, reserve_usd: Decimal) -> Objection | None:
    """Why this sum may not be reserved; None when it may. What costs nothing always may.

    The caller has locked the batch's row. Here the limit's is locked after it, until the reserved sum is committed: who
    took them in another order would deadlock.
    """
    if not reserve_usd:
        return None
    monthly_usd, most_usd, at_work_usd = _locked_limit_and_spent(batch_id)
    words = NO_ROOM.format(f"{budget_usd.normalize():f}")
    if found := _objection(most_usd, lambda: at_work_usd, reserve_usd, budget_usd, words):
        return found
    if monthly_usd is None:
        return None
    month, words = Attempt.objects.all().this_month(), NO_ROOM_THIS_MONTH.format(f"{monthly_usd:f}")
    at_work = month.filter(outcome=Attempt.Outcome.BEGUN)
    return _objection(month.most_usd(), at_work.most_usd, reserve_usd, monthly_usd, words)


def monthly_usd() -> Decimal | None:
    """The most that may be spent in a month; None when only the batches' budgets count."""
    return SpendingLimit.objects.filter(pk=1).values_list("monthly_usd", flat=True).first()


@transaction.atomic
def set_monthly_usd(limit_usd: Decimal | None, actor: User) -> None:
    """From its commit on no call begins that would pass the new limit; what was begun runs to its end."""
    row = SpendingLimit.objects.select_for_update(no_key=True).get(pk=1)
    detail = {"from_usd": row.monthly_usd, "to_usd": limit_usd}
    row.monthly_usd = limit_usd
    row.save()
    audit.record(actor, "spending.limited", "monthly limit", detail=detail)


def _locked_limit_and_spent(batch_id: int) -> tuple[Decimal | None, Decimal, Decimal]:
    """The month's limit, the most that a batch can have cost, and how much of that its calls at work have reserved."""
    with connection.cursor() as cursor:
        cursor.execute(f"{MONEY} {LOCK}", [batch_id])
        return cursor.fetchone()


def _objection(
    most_usd: Decimal, at_work_usd: Callable[[], Decimal], reserve_usd: Decimal, limit_usd: Decimal, words: str
) -> Objection | None:
    if most_usd + reserve_usd <= limit_usd:
        return None
    return Objection(words, is_final=most_usd - at_work_usd() + reserve_usd > limit_usd)
