"""The WSGI application: `gunicorn radiorate.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "radiorate.settings")

application = get_wsgi_application()

from radiorate.settings import refuse_unsafe_production  # noqa: E402  (settings must be configured by Django first)

refuse_unsafe_production()
