"""A mail that tells a reader pairs are waiting: one act of an admin's, recorded; nothing of results stands in it."""

import smtplib

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from radiorate.accounts import audit, invitations
from radiorate.accounts.language import in_every_language
from radiorate.accounts.models import User
from radiorate.studies.models import Reader


class NotSent(ValueError):
    """Why no reminder went out, in a sentence."""


def send(reader: Reader, actor: User, link: str) -> None:
    """Mail a reader of an open study who has pairs left; what went out is recorded. Raises NotSent.

    reader: with_progress(). link: where the reader goes on.
    """
    if not reader.study.is_open or reader.removed_at or reader.rated >= reader.planned:  # type: ignore[attr-defined]
        raise NotSent(f"{reader.code} has nothing left to rate.")
    if not invitations.mail_goes_out():
        raise NotSent("No mail server is configured (EMAIL_URL): nothing was sent.")
    text = in_every_language("studies/reminder.txt", {"reader": reader, "study": reader.study, "link": link})
    is_smtp = "smtp" in settings.EMAIL_BACKEND
    connection = get_connection(timeout=invitations.MAIL_SECONDS) if is_smtp else get_connection()
    title = " ".join(reader.study.title.split())  # a header takes no line break
    message = EmailMessage(f"Pairs are waiting for you: {title}", text, to=[reader.user.email], connection=connection)
    try:
        message.send()
    except (OSError, smtplib.SMTPException) as failure:
        raise NotSent(f"The mail server did not take the mail: {failure}.") from failure
    audit.record(actor, "study.reader_reminded", f"study {reader.study.slug}", detail={"reader": reader.code})
