"""A queue a provider, named like it, so that a slow or stopped service keeps no other waiting.

Two kinds of worker take them: `services` waits for answers (threads, many slots), `computing` holds the processor.
"""

from django.conf import settings

from radiorate import registry

SERVICES, COMPUTING = "services", "computing"


def of(kind: str) -> list[str]:
    """The providers whose queues a worker of this kind listens to; none for any other word. No file is opened."""
    computing = settings.COMPUTING_PROVIDERS
    if kind == COMPUTING:
        return list(computing)
    names = (name for package in settings.PROVIDER_PACKAGES for name in registry.names(package))
    return [name for name in names if name not in computing] if kind == SERVICES else []
