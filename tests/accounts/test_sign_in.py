"""Signing in and out: what it takes, what it ends, and what it gives away."""

import re
import time

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests import factories
from tests.factories import PASSWORD

WRONG = "not the pass phrase"


@pytest.fixture(autouse=True)
def counters_start_at_zero(db):
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra: str):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


def test_email_in_any_case_and_password_sign_in():
    user = factories.user()
    client = Client()
    assert sign_in(client, user.email.upper()).status_code == 302
    assert is_in(client)


def test_unknown_email_wrong_password_and_closed_account_answer_alike():
    user, closed = factories.user(), factories.user(is_active=False)
    bodies = set()
    for email in (user.email, "nobody@example.org", closed.email):
        response = sign_in(Client(), email, WRONG)
        assert response.status_code == 200
        text = response.content.decode().replace(email, "")
        bodies.add(re.sub(r'csrfmiddlewaretoken" value="\w+"', "", text))
    assert len(bodies) == 1


def test_a_failed_sign_in_is_logged_without_what_was_typed(capfd):
    for typed in ("Someone@Example.org", "someone@example.org", "my-secret@password.org"):
        sign_in(Client(), typed, WRONG)
    err = capfd.readouterr().err
    first, again, other = re.findall(r"sign_in_failed .*account=(\w+)", err)
    assert first == again != other, "failures of one account can be told from another's"
    assert not re.search(r"example\.org|secret|pass phrase", err, re.IGNORECASE)


def test_password_reset_says_the_same_for_an_unknown_email(mailoutbox):
    user = factories.user()
    for email in (user.email, "nobody@example.org"):
        response = Client().post(reverse("account_reset_password"), {"email": email})
        assert response["Location"] == reverse("account_reset_password_done")
    assert [mail.to for mail in mailoutbox] == [[user.email]]


def test_without_a_mail_server_no_reset_link_is_printed(settings, capsys):
    user = factories.user()
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert Client().post(reverse("account_reset_password"), {"email": user.email}).status_code == 302
    assert user.email not in capsys.readouterr().out


def test_control_the_allauth_adapter_would_print_it(settings, capsys):
    user = factories.user()
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    settings.ACCOUNT_ADAPTER = "allauth.account.adapter.DefaultAccountAdapter"
    Client().post(reverse("account_reset_password"), {"email": user.email})
    assert "/key/" in capsys.readouterr().out


def test_many_wrong_passwords_get_429_with_words_and_the_right_one_later_works(monkeypatch):
    user = factories.user()
    codes = [sign_in(Client(), user.email, WRONG).status_code for _ in range(6)]
    assert codes == [200] * 5 + [429]
    refused = sign_in(Client(), user.email)
    assert refused.status_code == 429
    assert "Too many failed login attempts" in refused.content.decode()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    assert sign_in(Client(), user.email).status_code == 302


def test_without_limits_wrong_passwords_can_be_tried_for_ever(settings):
    settings.ACCOUNT_RATE_LIMITS = False
    user = factories.user()
    assert {sign_in(Client(), user.email, WRONG).status_code for _ in range(12)} == {200}


def test_one_address_trying_many_accounts_is_stopped():
    codes = [sign_in(Client(), f"person-{number}@example.net", WRONG).status_code for number in range(12)]
    assert 429 in codes


def test_forged_forwarding_header_starts_no_new_count():
    codes = [
        sign_in(Client(), f"person-{number}@example.net", WRONG, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}").status_code
        for number in range(12)
    ]
    assert 429 in codes


def test_new_password_ends_the_wait(mailoutbox):
    user = factories.user()
    for _ in range(6):
        sign_in(Client(), user.email, WRONG)
    client = Client()
    client.post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(r"http://testserver(\S+/key/\S+)", mailoutbox[0].body).group(1)
    form = client.get(link)["Location"]
    new = "another quiet phrase"
    assert client.post(form, {"password1": new, "password2": new}).status_code == 302
    assert sign_in(Client(), user.email, new).status_code == 302


def test_counters_are_shared_between_processes(live_server_process):
    import httpx

    user = factories.user()
    codes = []
    for _ in range(6):
        with httpx.Client(base_url=live_server_process.url, timeout=60) as browser:  # 2 workers answer in turn
            page = browser.get(reverse("account_login")).text
            token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page).group(1)
            fields = {"csrfmiddlewaretoken": token, "login": user.email, "password": WRONG}
            codes.append(browser.post(reverse("account_login"), data=fields).status_code)
    assert codes[-1] == 429


def test_nobody_signs_in_while_the_counters_are_away(transactional_db, redis_server):
    user = factories.user()
    redis_server.kill()
    refused = sign_in(Client(), user.email)
    assert refused.status_code == 503
    assert "Try again in a minute" in refused.content.decode()


def test_session_id_is_new_after_signing_in():
    user, client = factories.user(), Client()
    client.get(reverse("accounts:invitation_link", args=["x" * 43]))  # a session before signing in
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    sign_in(client, user.email)
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert not is_in(thief)


def test_signing_out_ends_the_session_on_the_server():
    user, client, copy = factories.user(), Client(), Client()
    sign_in(client, user.email)
    copy.cookies[settings.SESSION_COOKIE_NAME] = client.cookies[settings.SESSION_COOKIE_NAME].value
    assert is_in(copy)
    client.post(reverse("account_logout"))
    assert not is_in(copy)


def test_password_change_ends_all_other_sessions():
    user, here, elsewhere = factories.user(), Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, user.email)
    new = "another quiet phrase"
    fields = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post(reverse("account_change_password"), fields).status_code == 302
    assert is_in(here)
    assert not is_in(elsewhere)


def test_second_factor_is_asked_for_once_and_no_code_works_twice():
    from allauth.mfa.totp.internal.auth import (
        TOTP,
        format_hotp_value,
        generate_totp_secret,
        hotp_value,
        yield_hotp_counters_from_time,
    )

    user = factories.user()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    client = Client()
    assert sign_in(client, user.email)["Location"] == reverse("mfa_authenticate")
    assert not is_in(client)
    assert client.post(reverse("mfa_authenticate"), {"code": "000000"}).status_code == 200
    assert not is_in(client)
    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert is_in(client)
    again = Client()
    sign_in(again, user.email)
    assert again.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert not is_in(again)


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_set_password", "mfa_add_webauthn"])
def test_unused_pages_of_allauth_have_no_address(name):
    with pytest.raises(NoReverseMatch):
        reverse(name)


def test_sign_in_leads_to_no_other_site():
    user = factories.user()
    response = Client().post(
        f"{reverse('account_login')}?next=https://evil.example/", {"login": user.email, "password": PASSWORD}
    )
    assert response["Location"] == "/"


def test_a_form_from_elsewhere_is_refused():
    user = factories.user()
    assert sign_in(Client(enforce_csrf_checks=True), user.email).status_code == 403
