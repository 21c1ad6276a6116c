from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "radiorate.studies"
    label = "studies"
