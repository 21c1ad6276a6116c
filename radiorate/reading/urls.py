"""Addresses of the reading room."""

from django.urls import path

from radiorate.reading import around, views

app_name = "reading"
urlpatterns = [
    path("", views.studies, name="list"),
    path("image/<str:token>.png", views.image, name="image"),
    path("<uuid:presentation_id>/", views.answer, name="answer"),
    path("<uuid:presentation_id>/finding/", views.find, name="finding"),
    path("<uuid:presentation_id>/draft/", views.draft, name="draft"),
    path("<slug:slug>/", views.page, name="study"),
    path("<slug:slug>/instructions/", around.instructions, name="instructions"),
    path("<slug:slug>/consent/", around.agree, name="consent"),
    path("<slug:slug>/profile/", around.describe, name="profile"),
    path("<slug:slug>/display/", around.check_display, name="display"),
    path("<slug:slug>/closing/", around.close, name="closing"),
    path("<slug:slug>/readers/<str:code>/let-pass/", around.let_pass, name="let_pass"),
    path("<slug:slug>/readers/<str:code>/reopen/", around.reopen, name="reopen"),
    path("<slug:slug>/readers/<str:code>/open-early/", around.open_early, name="open_early"),
]
