"""Addresses of the results room."""

from django.urls import path

from radiorate.results import views

app_name = "results"
urlpatterns = [
    # First: no study can be called by a name with a dot.
    path("planner/", views.plan, name="planner"),  # no study may have this name either: studies.definition
    path("data-dictionary.csv", views.data_dictionary, name="data_dictionary"),
    path("<slug:slug>/", views.dashboard, name="dashboard"),
    path("<slug:slug>/figures/<str:name>", views.figure, name="figure"),
    path("<slug:slug>/pairs/", views.pairs, name="pairs"),
    path("<slug:slug>/pairs/<slug:code>/", views.pair, name="pair"),
    path("<slug:slug>/unseal/", views.unseal, name="unseal"),
    path("<slug:slug>/package.zip", views.package, name="package"),
    path("<slug:slug>/export/<str:name>", views.export, name="export"),
]
