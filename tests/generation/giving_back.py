"""Imported by a worker of a control: it gives unconfirmed messages back when it loses the broker, as Celery does."""

from kombu.transport.redis import Channel

Channel.do_restore = True
