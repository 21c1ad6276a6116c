"""Who: accounts, the one-time links that open them, and the trail of who did what."""

import hashlib
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Lower, Now
from django.utils import timezone

from radiorate.evidence import APPEND_ONLY


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A stored account; without a password nobody can sign in until an invitation is answered."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        """An admin, by the name Django's own command asks for."""
        return self.create_user(email, password, is_staff=True, **fields)

    def with_access(self) -> models.QuerySet["User"]:
        """Accounts with `link_expires_at` (of an unanswered link), `link_is_open` and `has_second_factor`."""
        from allauth.mfa.models import Authenticator

        link = Invitation.objects.unanswered().filter(user=OuterRef("pk"))
        second_factor = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        return self.annotate(
            link_expires_at=Subquery(link.values("expires_at")),
            link_is_open=Exists(link.open()),
            has_second_factor=Exists(second_factor),
        )


class User(AbstractBaseUser, PermissionsMixin):
    """A person; the e-mail is the login. `is_staff` makes an admin: one who sees origins and so never reads."""

    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120, blank=True)
    is_staff = models.BooleanField("admin", default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [models.CheckConstraint(name="user_email_is_lower_case", condition=Q(email=Lower("email")))]
        ordering = ["email"]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def alias(self) -> str:
        """An opaque name that never changes: what a shared computer may keep of whose answer waits there."""
        return hashlib.sha256(f"{self.pk} {self.date_joined.isoformat()}".encode()).hexdigest()[:16]


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unanswered(self) -> "InvitationQuerySet":
        """Neither used nor revoked, expired ones included."""
        return self.filter(used_at__isnull=True, revoked_at__isnull=True)

    def open(self) -> "InvitationQuerySet":
        """Those whose link still works, by the database's clock."""
        return self.unanswered().filter(expires_at__gt=Now())


class Invitation(models.Model):
    """A one-time link with which an invited person sets the first password; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # null: the machine
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="invitation_one_open_an_account",
                fields=["user"],
                condition=Q(used_at__isnull=True, revoked_at__isnull=True),
            ),
            models.CheckConstraint(
                name="invitation_not_used_after_revocation",
                condition=Q(used_at__isnull=True) | Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"invitation of {self.user}"


class AuditEntry(models.Model):
    """One act: who, what, on which thing, why. Append-only in the database; each row's hash covers the one before."""

    at = models.DateTimeField(db_default=Now())
    actor = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")  # null: the machine itself
    action = models.CharField(max_length=60)  # "study.opened", "results.unsealed"
    target = models.CharField(max_length=200)  # "study knee-2026"
    reason = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "audit entries"
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.action} {self.target}"
