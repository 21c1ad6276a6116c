"""Addresses of the studies room."""

from django.urls import path

from radiorate.studies import views

app_name = "studies"
urlpatterns = [
    path("", views.list, name="list"),
    path("new/", views.new, name="new"),
    path("new/file/", views.upload, name="upload"),
    path("<slug:slug>/", views.detail, name="detail"),
    path("<slug:slug>/design/", views.edit, name="edit"),
    path("<slug:slug>/practice/", views.practice, name="practice"),
    path("<slug:slug>/file/", views.file, name="file"),
    path("<slug:slug>/protocol/", views.protocol, name="protocol"),
    path("<slug:slug>/copy/", views.copy, name="copy"),
    path("<slug:slug>/open/", views.open_study, name="open"),
    path("<slug:slug>/close/", views.close_study, name="close"),
    path("<slug:slug>/withdraw/", views.withdraw, name="withdraw"),
    path("<slug:slug>/readers/", views.enrol, name="enrol"),
    path("<slug:slug>/readers/<str:code>/remove/", views.remove, name="remove"),
    path("<slug:slug>/readers/<str:code>/remind/", views.remind, name="remind"),
]
