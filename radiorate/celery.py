"""The Celery application: `celery -A radiorate worker -Q images`.

Queues: `images`, and one a provider. A worker of the queue `services` or `computing` listens to those of all providers
of that kind; `-Q openai` makes a worker for one provider alone.
"""

import os

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "radiorate.settings")

app = Celery("radiorate")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def outlive_the_broker(**_: object) -> None:
    """Imported here: the transport is heavy, and what only sends doesn't need it."""
    from radiorate import broker

    broker.outlive()


@worker_init.connect
def refuse_unsafe_production(**_: object) -> None:
    """A worker does not start with an example key, debug pages or open hosts."""
    from radiorate import settings

    settings.refuse_unsafe_production()
