"""Every address of the site; each room keeps its own list."""

from django.urls import include, path

from radiorate import health
from radiorate.accounts.views import home

urlpatterns = [
    path("", home, name="home"),
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("accounts/", include("radiorate.accounts.urls")),
    path("images/", include("radiorate.images.urls")),
    path("generation/", include("generation.urls")),
    path("studies/", include("radiorate.studies.urls")),
    path("reading/", include("radiorate.reading.urls")),
    path("results/", include("radiorate.results.urls")),
]
