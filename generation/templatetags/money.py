"""How money is written on pages."""

from decimal import Decimal

from django import template

register = template.Library()


@register.filter
def usd(amount: Decimal) -> str:
    """At least two decimals, and more where there are more: 2.00, 0.16, 0.0336."""
    whole, _, decimals = f"{amount:f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"
