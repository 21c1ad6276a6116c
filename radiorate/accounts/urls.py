"""Addresses of the accounts room, and allauth's beside them."""

from django.urls import include, path

from radiorate.accounts import views

own = (
    [
        path("people/", views.home, name="people"),
        path("profile/", views.home, name="profile"),
    ],
    "accounts",
)
urlpatterns = [
    path("", include(own)),
    path("", include("allauth.urls")),
]
