"""Accounts that admins open, close and open again."""

import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from radiorate.accounts import invitations, lifecycle
from radiorate.accounts.models import AuditEntry, User
from tests import factories
from tests.factories import PASSWORD


def signed_in(user: User) -> Client:
    client = Client()
    assert client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200


def test_deactivation_ends_sessions_and_links_for_good(db):
    admin, reader = factories.admin(), factories.user()
    session = signed_in(reader)
    link = invitations.renew(reader, admin)
    signed_in(admin).post(reverse("accounts:deactivate", args=[reader.pk]))
    assert not is_in(session)
    visitor = Client()
    visitor.get(link)
    assert visitor.get(reverse("accounts:invitation")).status_code == 410
    lifecycle.reactivate(reader, admin, None)
    assert not is_in(session), "the old session came back to life"
    assert Client().post(reverse("account_login"), {"login": reader.email, "password": PASSWORD}).status_code == 200


def test_reactivation_shows_a_link_that_lets_the_person_in_again(db):
    admin, reader = factories.admin(), factories.user()
    lifecycle.deactivate(reader, admin)
    page = signed_in(admin).post(reverse("accounts:reactivate", args=[reader.pk])).content.decode()
    link = page[page.index("http://testserver/accounts/invitation/") :].partition("<")[0]
    client = Client()
    client.get(link)
    client.post(reverse("accounts:invitation"), {"password": "a new pass phrase", "again": "a new pass phrase"})
    assert is_in(client)


def test_admin_cannot_deactivate_the_own_account(db):
    admin = factories.admin()
    factories.admin()
    page = signed_in(admin).post(reverse("accounts:deactivate", args=[admin.pk]), follow=True)
    assert "own account" in page.content.decode()
    admin.refresh_from_db()
    assert admin.is_active


def test_two_admins_who_deactivate_each_other_leave_one(transactional_db):
    first, second = factories.admin(), factories.admin()
    start = threading.Barrier(2)

    def deactivate(user: User, by: User) -> None:
        start.wait()
        try:
            lifecycle.deactivate(user, by)
        except lifecycle.Refused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=deactivate, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(is_staff=True, is_active=True).count() == 1


def test_no_page_changes_a_role(db):
    reader = factories.user()
    admin = signed_in(factories.admin())
    everything = {"is_staff": "1", "role": "admin", "name": "x"}
    for name in ("link", "revoke", "deactivate", "reactivate"):
        admin.post(reverse(f"accounts:{name}", args=[reader.pk]), everything)
    reader.refresh_from_db()
    assert not reader.is_staff


def test_acts_are_in_the_trail(db):
    admin = factories.admin()
    user, _ = invitations.invite("a@example.org", "", "reader", admin)
    invitations.renew(user, admin)
    invitations.revoke(user, admin)
    lifecycle.deactivate(user, admin)
    lifecycle.reactivate(user, admin, None)
    actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert actions == {
        "account.invited",
        "account.link_renewed",
        "account.link_revoked",
        "account.deactivated",
        "account.reactivated",
    }


def test_list_asks_the_same_number_of_questions_for_any_number_of_people(db, django_assert_max_num_queries):
    admin = factories.admin()
    client = signed_in(admin)
    for number in range(30):
        invitations.invite(f"person-{number}@example.net", "", "reader", admin)
    with django_assert_max_num_queries(6):
        page = client.get(reverse("accounts:people")).content.decode()
    assert page.count("link open") == 30


def test_name_with_markup_is_text(db):
    factories.user(name="<img src=x onerror=alert(1)>")
    page = signed_in(factories.admin()).get(reverse("accounts:people")).content.decode()
    assert "<img src=x" not in page


@pytest.mark.parametrize("email", ["not an address", ""])
def test_create_admin_refuses_a_bad_address_in_one_line(transactional_db, run_command, email):
    done = run_command("create_admin", email)
    assert done.returncode == 1
    assert len(done.stderr.strip().splitlines()) == 1


def test_create_admin_prints_a_link_that_opens_the_account(transactional_db, run_command):
    link = run_command("create_admin", "Chief@example.org").stdout.strip()
    assert link.startswith("http://localhost/accounts/invitation/")
    client = Client(headers={"host": "localhost"})
    client.get(link.removeprefix("http://localhost"))
    client.post(reverse("accounts:invitation"), {"password": "a new pass phrase", "again": "a new pass phrase"})
    assert client.get(reverse("accounts:people")).status_code == 200
    assert User.objects.get(email="chief@example.org").is_staff
    reader = factories.user()
    assert run_command("create_admin", reader.email).returncode == 1
