"""Providers that only the tests know: named in PROVIDER_PACKAGES."""
