"""Forms of the accounts room."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy

from radiorate.accounts.models import AuditEntry, User


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail", max_length=254)
    name = forms.CharField(max_length=120, required=False)
    role = forms.ChoiceField(choices=[("reader", "Reader"), ("admin", "Admin")])

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].lower()
        if User.objects.filter(email=email).exists():
            raise ValidationError("This e-mail has an account already.")
        return email


class FirstPasswordForm(forms.Form):
    """A password typed twice, checked against the rules and the person it is for."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        help_text=gettext_lazy("At least 12 characters; a few words are easy to keep in mind."),
    )
    again = forms.CharField(
        label=gettext_lazy("The same password again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password_validation.validate_password(self.cleaned_data["password"], self.user)
        return self.cleaned_data["password"]

    def clean(self) -> None:
        password = self.cleaned_data.get("password")
        if password and password != self.cleaned_data.get("again"):
            self.add_error("again", gettext("The two passwords differ."))


class NameForm(forms.ModelForm):
    class Meta:
        model = User
        fields = ["name"]
        labels = {"name": gettext_lazy("Name")}


class AuditFilter(forms.Form):
    """Which entries to show: of one action, of things whose name holds a text."""

    action = forms.ChoiceField(required=False)
    target = forms.CharField(required=False, max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        actions = AuditEntry.objects.order_by("action").values_list("action", flat=True).distinct()
        self.fields["action"].choices = [("", "all"), *((action, action) for action in actions)]  # type: ignore[attr-defined]

    def entries(self) -> QuerySet[AuditEntry]:
        """Oldest first; a filter that can't be read hides nothing."""
        chosen = self.cleaned_data if self.is_valid() else {}
        entries = AuditEntry.objects.all()
        if chosen.get("action"):
            entries = entries.filter(action=chosen["action"])
        if chosen.get("target"):
            entries = entries.filter(target__icontains=chosen["target"])
        return entries
