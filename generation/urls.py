"""Addresses of the generation room."""

from django.urls import path

from generation import views

app_name = "generation"
urlpatterns = [
    path("", views.batches, name="batches"),
    path("launch/", views.launch, name="launch"),
    path("<int:pk>/", views.batch, name="batch"),
    path("<int:pk>/cancel/", views.cancel, name="cancel"),
    path("<int:pk>/resume/", views.resume, name="resume"),
    path("<int:pk>/settle/", views.settle_all, name="settle_all"),
    path("jobs/<int:pk>/", views.job, name="job"),
    path("jobs/<int:pk>/settle/", views.settle, name="settle"),
]
