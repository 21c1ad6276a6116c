"""Addresses of the reading room."""

from django.urls import path

from radiorate.reading import views

app_name = "reading"
urlpatterns = [
    path("", views.list, name="list"),
]
