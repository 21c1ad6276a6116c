"""How allauth behaves here: accounts are opened by invitation alone."""

from typing import Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from radiorate.accounts import invitations

logger = structlog.get_logger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """No one signs up by themselves, and a new password ends the wait after too many wrong ones."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Log that it failed; what was typed stays out, as people type passwords into that field too.

        Failures of one account show the same digest, which nobody without the site's key can turn back or try out.
        """
        typed = str(credentials.get("email", "")).strip().lower()
        logger.warning(
            "sign_in_failed", account=salted_hmac("sign_in_failed", typed, algorithm="sha256").hexdigest()[:16]
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send nothing where no mail goes out: the mail would be printed, and its link opens an account."""
        if invitations.mail_goes_out():
            super().send_mail(template_prefix, email, context)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        super().set_password(user, password)
        # allauth would do this for rows of its own e-mail table, which stays empty here.
        if context.request:
            self._delete_login_attempts_cached_email(context.request, email=user.email)  # type: ignore[attr-defined]
