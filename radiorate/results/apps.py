from django.apps import AppConfig


class ResultsConfig(AppConfig):
    name = "radiorate.results"
    label = "results"
