"""What an admin fills in about generators, their prices, and the ledger."""

from contextlib import suppress
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from generation import ledger, queues
from generation.models import Attempt, Generator, Price, SpendingLimit
from generation.ordering import provider_of
from generation.provider import Order

FIXED = ("name", "provider", "model", "options")  # once images were ordered: ratings are compared by them


class GeneratorForm(forms.ModelForm):
    """A generator; what its images were made with can't be changed any more once there are any."""

    provider = forms.ChoiceField()

    class Meta:
        model = Generator
        fields = ("name", "provider", "model", "options", "connection", "slots", "per_minute", "is_active")
        labels = {
            "slots": "Most calls at once",
            "per_minute": "Most calls a minute",
            "is_active": "May be ordered from",
        }
        widgets = {"options": forms.Textarea(attrs={"rows": 4, "spellcheck": "false"})}
        help_texts = {
            "name": "Lower case, as in exports: dalle-2, flux-fill.",
            "model": "As the provider writes it.",
            "options": "JSON, given with every order.",
            "connection": "Whose key and address in the workers' environment are used; empty: the provider's own.",
            "slots": "Over all workers together. Empty: as many as there are.",
            "per_minute": "Empty: any number.",
            "is_active": "Off, nothing new is launched; batches at work go on.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(name for kind in (queues.SERVICES, queues.COMPUTING) for name in queues.of(kind))
        self.fields["provider"].choices = [(name, name) for name in names]  # type: ignore[attr-defined]
        self.fields["options"].required = False
        for name in ("slots", "per_minute"):
            self.fields[name].min_value = 1  # type: ignore[attr-defined]
            self.fields[name].widget.attrs["min"] = 1
        self.is_fixed = self.instance.pk is not None and self.instance.batches.exists()
        if self.is_fixed:
            for name in FIXED:
                self.fields[name].disabled = True

    def clean_options(self) -> dict[str, Any]:
        options = self.cleaned_data["options"] or {}
        if not isinstance(options, dict):
            raise ValidationError("Write an object: names and values in braces.")
        return options

    def clean_connection(self) -> str:
        return self.cleaned_data["connection"].strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("slots", "per_minute"):
            if data.get(name) == 0:
                self.add_error(name, "At least one, or empty.")
        if not self.errors:
            told = {name: data[name] for name in ("name", "provider", "model", "options", "connection")}
            try:
                for sentence in wrong_options(Generator(**told)):
                    self.add_error("options", sentence)
            except (KeyError, TypeError, ValueError) as error:
                self.add_error(
                    "options", f"The provider can't be made with this: {error.args[0] if error.args else error}"
                )
        return data


def wrong_options(generator: Generator) -> list[str]:
    """What its provider says against the generator's options: not what is wrong without any of them too.

    So a key that is still missing, or a model that isn't here yet, keeps no generator from being stored.
    Raises what making the provider does.
    """
    given = provider_of(generator)
    bare = Generator(provider=generator.provider, model=generator.model, connection=generator.connection)
    modes = sorted(given.capabilities(generator.model).modes)
    orders = [Order(uuid4(), mode, generator.model, "An X-ray of the hand") for mode in modes]
    sentences = dict.fromkeys(sentence for order in orders for sentence in given.problems(order))
    with suppress(KeyError, TypeError, ValueError):  # some can't be made without options at all
        without = provider_of(bare)
        for sentence in (sentence for order in orders for sentence in without.problems(order)):
            sentences.pop(sentence, None)
    return list(sentences)


class PriceForm(forms.ModelForm):
    """A new price; those before it stay on the list."""

    class Meta:
        model = Price
        fields = ("rate", "usd", "since", "source")
        labels = {"usd": "US dollars", "since": "In force from", "source": "Where it was read"}
        widgets = {"since": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, rates: dict[str, str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = [(name, f"{name}: {words}") for name, words in rates.items()]
        self.fields["rate"] = forms.ChoiceField(choices=chosen, label="For each")


class LimitForm(forms.ModelForm):
    """The most all batches together may spend in a month."""

    class Meta:
        model = SpendingLimit
        fields = ("monthly_usd",)
        labels = {"monthly_usd": "Limit a month, in US dollars"}
        help_texts = {"monthly_usd": "Empty: only the batches' own budgets count."}


class LedgerFilter(forms.Form):
    """Which attempts to show; a filter that can't be read hides nothing."""

    month = forms.ChoiceField(required=False)
    generator = forms.ModelChoiceField(Generator.objects.all(), required=False, to_field_name="name", empty_label="all")
    outcome = forms.ChoiceField(required=False, choices=[("", "all"), *Attempt.Outcome.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        months = [f"{month:%Y-%m}" for month in ledger.months()]
        self.fields["month"].choices = [("", "all"), *((month, month) for month in months)]  # type: ignore[attr-defined]

    def chosen(self) -> dict[str, str]:
        """The filters that hold, as they stand in an address."""
        data = self.cleaned_data if self.is_valid() else {}
        return {name: str(value) for name, value in data.items() if value}

    def attempts(self) -> QuerySet[Attempt]:
        chosen = self.chosen()
        found = ledger.within(ledger.month_of(chosen["month"])) if "month" in chosen else Attempt.objects.all()
        if "generator" in chosen:
            found = found.filter(job__batch__generator__name=chosen["generator"])
        if "outcome" in chosen:
            found = found.filter(outcome=chosen["outcome"])
        return found
