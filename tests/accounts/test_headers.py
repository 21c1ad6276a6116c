"""What each answer tells the browser to refuse, and what it must not keep."""

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import factories

PAGES = ("accounts:people", "accounts:profile", "accounts:audit", "account_change_password", "mfa_index")


@pytest.fixture
def client(db) -> Client:
    client = Client()
    client.force_login(factories.admin())
    return client


@pytest.mark.parametrize("name", [*PAGES, "account_login", "account_reset_password"])
def test_page_forbids_foreign_code_frames_and_guesses(client, name):
    response = (Client() if name in ("account_login", "account_reset_password") else client).get(reverse(name))
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in str(policy)
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"
    assert "no-store" in response["Cache-Control"]


def test_signed_in_pages_of_every_room_are_stored_nowhere(client):
    for name in ("images:collections", "generation:batches", "studies:list", *PAGES):
        assert "no-store" in client.get(reverse(name))["Cache-Control"]


def test_without_the_middleware_a_cache_might_keep_the_page(client, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "NoStore" not in name]
    assert "no-store" not in client.get(reverse("accounts:people")).get("Cache-Control", "")


def test_cookies_of_a_production_site_are_for_it_alone(run_command):
    code = (
        "from django.conf import settings as s; from django.test import Client; from tests import factories;"
        "c = Client(headers={'host': 'radiorate.example'}); u = factories.user();"
        "c.post('/accounts/login/', {'login': u.email, 'password': factories.PASSWORD}, secure=True);"
        "print(c.cookies[s.SESSION_COOKIE_NAME].OutputString()); c.get('/accounts/profile/', secure=True);"
        "print(c.cookies[s.CSRF_COOKIE_NAME].OutputString());"
        "r = c.get('/healthz', secure=True); print(r['Strict-Transport-Security']); print(c.get('/').status_code)"
    )
    lines = run_command(
        "shell", "--no-imports", "-c", code, LOCAL=0, ALLOWED_HOSTS="radiorate.example"
    ).stdout.splitlines()
    session, csrf, transport, plain = lines[-4:]
    for cookie in (session, csrf):
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
    assert "HttpOnly" in session
    assert "max-age=31536000; includeSubDomains" in transport
    assert plain == "301"


@pytest.mark.parametrize("host", ["evil.example", "testserver.evil.example"])
def test_forged_host_is_refused(db, host):
    assert Client(headers={"host": host}).get(reverse("account_login")).status_code == 400


def test_local_cookies_are_kept_from_scripts(db):
    client, user = Client(), factories.user()
    client.post(reverse("account_login"), {"login": user.email, "password": factories.PASSWORD})
    assert client.cookies[settings.SESSION_COOKIE_NAME]["httponly"]
