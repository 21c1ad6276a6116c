"""Imported by a worker of a control: it gives unconfirmed messages back when it loses the broker, as Celery does."""

from celery.signals import worker_ready
from kombu.transport.redis import Channel


@worker_ready.connect
def give_back(**_: object) -> None:
    Channel.do_restore = True
