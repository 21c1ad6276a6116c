"""Addresses of the results room."""

from django.urls import path

from radiorate.results import views

app_name = "results"
urlpatterns = [
    # First: no study can be called by a name with a dot.
    path("data-dictionary.csv", views.data_dictionary, name="data_dictionary"),
    path("<slug:slug>/", views.dashboard, name="dashboard"),
    path("<slug:slug>/unseal/", views.unseal, name="unseal"),
    path("<slug:slug>/export/<str:name>", views.export, name="export"),
]
