"""Addresses of the reading room."""

from django.urls import path

from radiorate.reading import views

app_name = "reading"
urlpatterns = [
    path("", views.studies, name="list"),
    path("image/<str:token>.png", views.image, name="image"),
    path("<uuid:presentation_id>/", views.answer, name="answer"),
    path("<slug:slug>/", views.page, name="study"),
    path("<slug:slug>/consent/", views.agree, name="consent"),
    path("<slug:slug>/closing/", views.close, name="closing"),
    path("<slug:slug>/readers/<str:code>/open-early/", views.open_early, name="open_early"),
    path("<slug:slug>/instructions/", views.instructions, name="instructions"),
]
