"""`manage.py create_admin EMAIL`: the first admin of a new site."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from radiorate.accounts import invitations
from radiorate.accounts.models import User


class Command(BaseCommand):
    help = "Make an admin's account and print the one-time link that sets its password; again for another link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--name", default="", help="shown instead of the e-mail")

    def handle(self, *, email: str, name: str, **options: Any) -> None:
        email = email.lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email} is not an e-mail address.") from error
        user = User.objects.filter(email=email).first()
        if user is None:
            user, path = invitations.invite(email, name, "admin", by=None)
        elif user.is_staff and user.is_active:
            path = invitations.renew(user, by=None)
        else:
            raise CommandError(f"{email} has an account that is not an active admin's; name another e-mail.")
        hosts = [host for host in settings.ALLOWED_HOSTS if host != "*"]
        site = f"{'http' if settings.LOCAL else 'https'}://{hosts[0]}" if hosts else ""
        self.stdout.write(f"{site}{path}")
        self.stderr.write(f"Works once, for {settings.INVITATION_DAYS} days. Open it in a browser to set the password.")
