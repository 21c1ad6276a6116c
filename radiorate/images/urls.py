"""Addresses of the images room."""

from django.urls import path

from radiorate.images import views

app_name = "images"
urlpatterns = [
    path("", views.collections, name="collections"),
]
