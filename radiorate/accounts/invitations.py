"""One-time links: how an account gets its first password, or a new one where no mail goes out."""

import hashlib
import secrets
import smtplib
from datetime import timedelta
from typing import Literal

import structlog
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models.functions import Now
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from radiorate.accounts import audit
from radiorate.accounts.language import in_every_language
from radiorate.accounts.models import Invitation, User

Role = Literal["reader", "admin"]
MAIL_SECONDS = 10  # an admin waits for the mail server no longer than this
logger = structlog.get_logger(__name__)


@transaction.atomic
def invite(email: str, name: str, role: Role, by: User | None, request: HttpRequest | None = None) -> tuple[User, str]:
    """The new account, without a password, and the link that opens it; the link can't be had again.

    Without a request the link is a path. Raises IntegrityError when the e-mail has an account already.
    """
    user = User.objects.create_user(email, name=name, is_staff=role == "admin")
    link = _issue(user, by, request)
    audit.record(by, "account.invited", f"account {user.email}", detail={"role": role})
    return user, link


@transaction.atomic
def renew(user: User, by: User | None, request: HttpRequest | None = None) -> str:
    """Another link for an active account; the one before stops working, the password works on until it is answered."""
    revoke(user, by)
    link = _issue(user, by, request)
    audit.record(by, "account.link_renewed", f"account {user.email}")
    return link


@transaction.atomic
def revoke(user: User, by: User | None) -> bool:
    """Whether the account had an open link, which works no longer."""
    revoked = bool(Invitation.objects.unanswered().filter(user=user).update(revoked_at=Now()))
    if revoked:
        audit.record(by, "account.link_revoked", f"account {user.email}")
    return revoked


def find(token: str) -> Invitation | None:
    """The open invitation behind a link; None for one that is used, revoked, expired or made up."""
    return Invitation.objects.open().filter(token_hash=_digest(token)).select_related("user").first()


@transaction.atomic
def answer(token: str, password: str) -> User | None:
    """The account with its password set and all its sessions ended; None when the link no longer works."""
    # One table in the condition: with a join the second of two simultaneous answers would still find the row open.
    if not Invitation.objects.open().filter(token_hash=_digest(token)).update(used_at=Now()):
        return None
    user = User.objects.select_for_update().get(invitations__token_hash=_digest(token))
    get_adapter().set_password(user, password)
    audit.record(user, "account.opened", f"account {user.email}")
    return user


def mail_goes_out() -> bool:
    """Whether a mail server is configured; the default prints mails, which would put links into a log."""
    return not settings.EMAIL_BACKEND.endswith((".console.EmailBackend", ".dummy.EmailBackend"))


def mail(user: User, link: str) -> bool:
    """Whether the link was handed to the mail server; a failure is logged and costs nothing but the mail."""
    if not mail_goes_out():
        return False
    text = in_every_language("accounts/invitation.txt", {"user": user, "link": link, "days": settings.INVITATION_DAYS})
    connection = get_connection(timeout=MAIL_SECONDS) if "smtp" in settings.EMAIL_BACKEND else get_connection()
    message = EmailMessage("Your account at radiorate", text, to=[user.email], connection=connection)
    try:
        return bool(message.send())
    except (OSError, smtplib.SMTPException) as failure:
        logger.warning("invitation_not_mailed", account=user.pk, failure=str(failure))
        return False


def _issue(user: User, by: User | None, request: HttpRequest | None) -> str:
    token = secrets.token_urlsafe(32)
    expires = timezone.now() + timedelta(days=settings.INVITATION_DAYS)
    Invitation.objects.create(user=user, invited_by=by, token_hash=_digest(token), expires_at=expires)
    path = reverse("accounts:invitation_link", args=[token])
    return request.build_absolute_uri(path) if request else path


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
