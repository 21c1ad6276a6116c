"""Accounts that are closed and opened again."""

from django.db import transaction
from django.http import HttpRequest

from radiorate.accounts import audit, invitations
from radiorate.accounts.models import User


class Refused(Exception):
    """The change would lock somebody out; the message says why."""


@transaction.atomic
def deactivate(user: User, by: User) -> None:
    """End an account's sessions, password and link for good; what it did stays. Raises Refused.

    The password goes because a session is bound to it: after a later reactivation no old session comes back to life.
    """
    # All admins are locked, in one order: two who deactivate each other at the same moment must not both succeed.
    admins = User.objects.select_for_update().filter(is_staff=True, is_active=True).order_by("pk")
    remaining = [admin.pk for admin in admins if admin.pk != user.pk]
    if user.pk == by.pk:
        raise Refused("You can't deactivate your own account: another admin has to.")
    if by.pk not in remaining:
        raise Refused("Only an active admin can deactivate an account.")
    invitations.revoke(user, by)
    user.set_unusable_password()
    if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False, password=user.password):
        audit.record(by, "account.deactivated", f"account {user.email}")


@transaction.atomic
def reactivate(user: User, by: User, request: HttpRequest) -> str | None:
    """The link that lets a closed account set a new password; None when the account was not closed."""
    if not User.objects.filter(pk=user.pk, is_active=False).update(is_active=True):
        return None
    audit.record(by, "account.reactivated", f"account {user.email}")
    return invitations.renew(user, by, request)
