from django.apps import AppConfig


class ReadingConfig(AppConfig):
    name = "radiorate.reading"
    label = "reading"
