"""Addresses of the images room."""

from django.urls import path

from radiorate.images import previews, views

app_name = "images"
urlpatterns = [
    path("", views.collections, name="collections"),
    path("held/", views.held, name="held"),
    path("library/", views.library, name="library"),
    path("collections/<int:pk>/", views.collection, name="collection"),
    path("collections/<int:pk>/upload/", views.upload, name="upload"),
    path("collections/<int:pk>/label/", views.label, name="label"),
    path("collections/<int:pk>/allow-sending/", views.allow_sending, name="allow_sending"),
    path("collections/<int:pk>/forbid-sending/", views.forbid_sending, name="forbid_sending"),
    path("imports/<int:pk>/", views.one_import, name="import"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/thumbnail.png", views.picture, {"side": previews.THUMBNAIL}, name="thumbnail"),
    path("<uuid:pk>/picture.png", views.picture, {"side": previews.LARGE}, name="picture"),
    path("<uuid:pk>/largest.png", views.picture, {"side": previews.LARGEST}, name="largest"),
    path("<uuid:pk>/describe/", views.describe, name="describe"),
    path("<uuid:pk>/look/", views.look, name="look"),
    path("<uuid:pk>/restore/", views.restore, name="restore"),
    path("<uuid:pk>/withdraw/", views.withdraw, name="withdraw"),
]
