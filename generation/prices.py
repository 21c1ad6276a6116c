"""What a generator charges: a dated list, each price in force until a newer one is."""

from decimal import Decimal

from django.utils import timezone

from generation.models import Generator, Price


def rates(generator: Generator) -> dict[str, Decimal]:
    """The prices in force today, in US dollars, by the names of the provider's `Capabilities.rates`."""
    in_force = Price.objects.filter(generator=generator, since__lte=timezone.localdate()).order_by("since", "pk")
    return dict(in_force.values_list("rate", "usd"))
