from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "radiorate.accounts"
    label = "accounts"
