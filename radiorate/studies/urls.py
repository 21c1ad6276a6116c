"""Addresses of the studies room."""

from django.urls import path

from radiorate.studies import views

app_name = "studies"
urlpatterns = [
    path("", views.list, name="list"),
]
