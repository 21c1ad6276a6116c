"""Pages of the generation room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from radiorate.accounts.access import admin_only


@admin_only
def batches(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")
