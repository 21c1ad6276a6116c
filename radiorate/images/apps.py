from django.apps import AppConfig


class ImagesConfig(AppConfig):
    name = "radiorate.images"
    label = "images"
