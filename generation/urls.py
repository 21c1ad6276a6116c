"""Addresses of the generation room."""

from django.urls import path

from generation import views

app_name = "generation"
urlpatterns = [
    path("", views.batches, name="batches"),
]
