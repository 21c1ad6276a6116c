"""Addresses of the generation room."""

from django.urls import path

from generation.views import batches, launching

app_name = "generation"
urlpatterns = [
    path("", batches.batches, name="batches"),
    path("launch/", launching.launch, name="launch"),
    path("<int:pk>/", batches.batch, name="batch"),
    path("<int:pk>/cancel/", batches.cancel, name="cancel"),
    path("<int:pk>/resume/", batches.resume, name="resume"),
    path("<int:pk>/settle/", batches.settle_all, name="settle_all"),
    path("jobs/<int:pk>/", batches.job, name="job"),
    path("jobs/<int:pk>/settle/", batches.settle, name="settle"),
]
