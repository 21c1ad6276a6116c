"""Pages of the accounts room."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from radiorate.accounts.access import signed_in


@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Admins start at the studies, readers at their reading list."""
    return redirect("studies:list" if request.user.is_staff else "reading:list")  # type: ignore[union-attr]
