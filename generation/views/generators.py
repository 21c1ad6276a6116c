"""Generators: what they can do, what they charge, how often they may be called."""

from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from generation.models import Generator
from generation.money_forms import FIXED, GeneratorForm, PriceForm
from generation.ordering import provider_of
from generation.provider import Capabilities
from radiorate.accounts import audit
from radiorate.accounts.access import SignedInRequest, admin_only


@require_safe
@admin_only
def generators(request: SignedInRequest) -> HttpResponse:
    rows = [
        _facts(generator) for generator in Generator.objects.prefetch_related("prices").order_by("-is_active", "name")
    ]
    return render(request, "generation/generators.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def new_generator(request: SignedInRequest) -> HttpResponse:
    form = GeneratorForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _save(request, form, "generator.created")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return render(request, "generation/generator.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@admin_only
def generator(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Generator, pk=pk)
    form = GeneratorForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_valid():
        return _save(request, form, "generator.changed")
    return _one(request, get_object_or_404(Generator, pk=pk), form)


@require_POST
@admin_only
def add_price(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Generator, pk=pk)
    form = PriceForm(_rates(found), request.POST)
    if not form.is_valid():
        return _one(request, found, GeneratorForm(instance=found), form)
    with transaction.atomic():
        price = form.save(commit=False)
        price.generator, price.added_by = found, request.user
        price.save()
        detail = {"rate": price.rate, "usd": price.usd, "since": price.since, "source": price.source}
        audit.record(request.user, "generator.priced", found.name, detail=detail)
    messages.success(request, f"From {price.since} on: {price.usd.normalize():f} USD for each {price.rate}.")
    return redirect("generation:generator", pk=pk)


def _save(request: SignedInRequest, form: GeneratorForm, action: str) -> HttpResponse:
    with transaction.atomic():
        saved = form.save()
        detail = {name: form.cleaned_data[name] for name in form.changed_data}
        audit.record(request.user, action, saved.name, detail=detail)
    messages.success(request, f"Stored the generator {saved}.")
    return redirect("generation:generator", pk=saved.pk)


def _one(
    request: SignedInRequest, found: Generator, form: GeneratorForm, price: PriceForm | None = None
) -> HttpResponse:
    context = {"generator": found, "form": form, "price": price or PriceForm(_rates(found)), **_facts(found)}
    context |= {"prices": found.prices.select_related("added_by"), "fixed": ", ".join(FIXED)}
    is_wrong = form.errors or (price and price.errors)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if is_wrong else HTTPStatus.OK
    return render(request, "generation/generator.html", context, status=status)


def _facts(generator: Generator) -> dict[str, Any]:
    """What its provider can do and charges for. Never a key: web processes know none."""
    can, in_force = _capabilities(generator), generator.rates
    connection = (generator.connection or generator.provider).upper()
    rates = [(name, words, in_force.get(name)) for name, words in (can.rates.items() if can else ())]
    return {
        "generator": generator,
        "is_held": generator.held_until is not None and generator.held_until > timezone.now(),
        "can": can,
        "modes": sorted(mode.value.replace("_", " ") for mode in can.modes) if can else [],
        "rates": rates,
        "connection": connection,
        "has_base_url": bool(settings.BASE_URLS.get(connection)),
        "computes_here": generator.provider in settings.COMPUTING_PROVIDERS,
    }


def _rates(generator: Generator) -> dict[str, str]:
    can = _capabilities(generator)
    return dict(can.rates) if can else {}


def _capabilities(generator: Generator) -> Capabilities | None:
    """None where no code for the provider is here, or where it can't be made with these options."""
    try:
        return provider_of(generator).capabilities(generator.model)
    except (KeyError, TypeError, ValueError):
        return None
