"""The settings, with a broker that takes every message for lost after a second and sends it again."""

from radiorate.settings import *  # noqa: F403
from radiorate.settings import CELERY_BROKER_TRANSPORT_OPTIONS, env

CELERY_BROKER_TRANSPORT_OPTIONS = {
    **CELERY_BROKER_TRANSPORT_OPTIONS,
    "visibility_timeout": 1,
    "unacked_restore_interval": 1,
    "unacked_restore_throttle": 1,
}
CELERY_BROKER_CONNECTION_RETRY = env.bool("LOOKS_AGAIN", default=True)
CELERY_IMPORTS = env.list("ALSO_IMPORTED", default=[])
