"""One-time links: they open one account once, tell nobody, and can be taken back."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from radiorate.accounts import invitations
from radiorate.accounts.models import AuditEntry, Invitation, User
from tests import factories

NEW = "four quiet words here"


def link_for(admin: User, email: str = "new@example.org") -> tuple[User, str]:
    return invitations.invite(email, "", "reader", admin)


def follow(link: str) -> Client:
    client = Client()
    client.get(link)
    return client


def answer(client: Client, password: str = NEW, again: str | None = None) -> int:
    return client.post(reverse("accounts:invitation"), {"password": password, "again": again or password}).status_code


def test_link_sets_the_first_password_and_signs_in(db):
    user, link = link_for(factories.admin())
    client = follow(link)
    assert answer(client) == 302
    assert client.get(reverse("accounts:profile")).status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_opening_the_link_changes_nothing(db):
    _, link = link_for(factories.admin())
    for _ in range(3):  # as mail scanners do
        assert follow(link).get(reverse("accounts:invitation")).status_code == 200
    assert Invitation.objects.get().used_at is None
    assert answer(follow(link)) == 302


def test_link_works_once(db):
    _, link = link_for(factories.admin())
    assert answer(follow(link)) == 302
    assert answer(follow(link), "another long password") == 410
    assert User.objects.get(email="new@example.org").check_password(NEW)


def test_expired_revoked_replaced_and_made_up_links_answer_alike(db):
    admin = factories.admin()
    user, expired = link_for(admin)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    replaced = invitations.renew(user, admin)
    revoked = invitations.renew(user, admin)
    assert invitations.revoke(user, admin)
    made_up = reverse("accounts:invitation_link", args=["x" * 43])
    bodies = set()
    for link in (expired, replaced, revoked, made_up):
        client = follow(link)
        response = client.get(reverse("accounts:invitation"))
        assert response.status_code == 410
        bodies.add(response.content)
        assert answer(client) == 410
    assert len(bodies) == 1
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_token_is_kept_as_a_hash_and_leaves_the_address(db):
    _, link = link_for(factories.admin())
    token = link.rstrip("/").rsplit("/", 1)[1]
    assert token not in str(Invitation.objects.values())
    assert token not in str(list(AuditEntry.objects.values()))
    response = Client().get(link)
    assert response.status_code == 302
    assert token not in response["Location"]


def test_log_cuts_the_token_short(db, rf):
    from radiorate.accounts.privacy import RequestLogMiddleware

    _, link = link_for(factories.admin())
    assert RequestLogMiddleware.format_request(rf.get(link)) == "GET /accounts/invitation/.../"
    reset = reverse("account_reset_password_from_key", args=["a", "b-c"])
    assert "b-c" not in RequestLogMiddleware.format_request(rf.get(reset))


@pytest.mark.parametrize("password", ["short", "new@example.org", "password123", "111111111111"])
def test_weak_password_is_refused_and_the_link_stays(db, password):
    _, link = link_for(factories.admin())
    client = follow(link)
    assert answer(client, password) == 422
    assert answer(client) == 302


def test_passwords_that_differ_are_refused(db):
    _, link = link_for(factories.admin())
    assert answer(follow(link), NEW, "something else entirely") == 422


def test_an_email_has_one_account(db):
    admin = factories.admin()
    link_for(admin)
    with pytest.raises(IntegrityError):
        link_for(admin, "New@Example.org")


def test_page_of_a_link_says_when_somebody_else_is_signed_in(db):
    admin = factories.admin()
    _, link = link_for(admin)
    client = Client()
    client.force_login(admin)
    client.get(link)
    assert b"You are signed in as" in client.get(reverse("accounts:invitation")).content
    assert answer(client) == 302
    assert "new@example.org" in client.get(reverse("accounts:profile")).content.decode()


def test_admin_sees_the_link_once_and_the_mail_holds_it(db, mailoutbox):
    client = Client()
    client.force_login(factories.admin())
    response = client.post(reverse("accounts:people"), {"email": "New@example.org", "name": "N", "role": "reader"})
    link = re.search(r"http://testserver/accounts/invitation/[\w-]+/", response.content.decode()).group()
    assert link in mailoutbox[0].body
    assert mailoutbox[0].to == ["new@example.org"]
    assert link not in client.get(reverse("accounts:people")).content.decode()
    assert answer(follow(link)) == 302


def test_posting_other_fields_makes_no_admin(db):
    client = Client()
    client.force_login(factories.admin())
    fields = {"email": "a@example.org", "name": "", "role": "reader", "is_staff": "1", "is_superuser": "1"}
    client.post(reverse("accounts:people"), fields)
    user = User.objects.get(email="a@example.org")
    assert not user.is_staff
    client.force_login(user)
    client.post(reverse("accounts:profile"), {"name": "A", "is_staff": "1", "email": "b@example.org"})
    user.refresh_from_db()
    assert (user.name, user.is_staff, user.email) == ("A", False, "a@example.org")


def test_two_simultaneous_answers_set_one_password(transactional_db):
    _, link = link_for(factories.admin())
    token = link.rstrip("/").rsplit("/", 1)[1]
    start = threading.Barrier(6)
    winners = []

    def run(number: int) -> None:
        start.wait()
        if invitations.answer(token, f"a long password {number}"):
            winners.append(number)
        connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(winners) == 1
    assert User.objects.get(email="new@example.org").check_password(f"a long password {winners[0]}")
