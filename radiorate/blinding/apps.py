from django.apps import AppConfig


class BlindingConfig(AppConfig):
    name = "radiorate.blinding"
    label = "blinding"
