"""An admin designs, opens, staffs and closes a study on pages; nobody else sees any of them."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from radiorate.accounts.models import AuditEntry, User
from radiorate.studies import definition, lifecycle, protocol
from radiorate.studies.models import Reader, Study
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client) -> User:
    user = factories.admin()
    client.force_login(user)
    return user


def design(study: Study, **changes: object) -> dict[str, object]:
    """What the form of a study would send."""
    values = definition.design(study) | {"slug": "by-form", "title": "By form"} | changes
    for key in definition.COLLECTIONS:
        if key not in changes:
            values[key] = [collection.pk for collection in getattr(study, key).all()]
    values["rubric"] = changes.get("rubric", "radiographs")
    return {key: value for key, value in values.items() if value is not None and value is not False}


def test_the_form_and_the_file_make_the_same_study(client, admin):
    other = factories.study(pairs=1, control_share="0.2", forced_choice=False, instructions="Look\nclosely.")
    response = client.post(reverse("studies:new"), design(other))
    assert response.status_code == 302, response.content.decode()
    made = Study.objects.get(slug="by-form")
    file = client.get(reverse("studies:file", args=["by-form"]))
    assert file["Content-Disposition"] == 'attachment; filename="by-form.toml"'
    text = file.content.decode().replace('slug = "by-form"', 'slug = "by-file"').replace("\r", "")
    client.post(reverse("studies:upload"), {"file": SimpleUploadedFile("study.toml", text.encode())})
    again = Study.objects.get(slug="by-file")
    assert definition.design(again) | {"slug": ""} == definition.design(made) | {"slug": ""}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"title": ""}, "This field is required"),
        ({"slug": "new"}, "taken by the site itself"),
        ({"pairs_wanted": 0}, "must be 1 or more"),
        ({"control_share": "2"}, "less than or equal to 1"),
        ({"real_collections": []}, "This field is required"),
        ({"frame": "round"}, "Select a valid choice"),
    ],
)
def test_a_wrong_field_is_said_beside_it_and_nothing_is_made(client, admin, changes, words):
    other = factories.study(pairs=1)
    response = client.post(reverse("studies:new"), design(other, **changes))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Study.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"title = ", "not TOML"), (b"\xff\xfe", "not text"), (b'colour = "blue"', "colour: unknown")],
)
def test_a_wrong_file_is_said(client, admin, content, words):
    response = client.post(reverse("studies:upload"), {"file": SimpleUploadedFile("study.toml", content)})
    assert response.status_code == 422
    assert words in response.content.decode()


def test_a_draft_can_be_edited_and_an_open_study_not(client, admin):
    study = factories.study(pairs=1, slug="draft")
    address = reverse("studies:edit", args=["draft"])
    assert 'value="draft"' in client.get(address).content.decode()
    client.post(address, design(study, slug="draft", seed=4321))
    study.refresh_from_db()
    assert study.seed == 4321
    lifecycle.open_study(study, admin)
    assert client.get(address).status_code == 404
    assert client.post(address, design(study, slug="draft", seed=1)).status_code == 404


def test_a_draft_shows_what_opening_would_draw_and_who_finds_no_partner(client, admin):
    study = factories.study(pairs=3)
    factories.image(study.real_collections.get(), body_part="hand")
    page = client.get(reverse("studies:detail", args=[study.slug])).content.decode()
    assert "Pairs that opening would draw now" in page
    assert "1: no synthetic image of hand AP" in page
    assert "1 image finds no partner" in page
    assert "Why this may stay so" in page


def test_opening_needs_the_reason_and_then_shows_the_protocol(client, admin):
    study = factories.study(pairs=2)
    factories.image(study.real_collections.get(), body_part="hand")
    address = reverse("studies:open", args=[study.slug])
    assert "finds no partner" in client.post(address, follow=True).content.decode()
    page = client.post(address, {"reason": "for later"}, follow=True).content.decode()
    study.refresh_from_db()
    assert study.is_open
    assert study.protocol_hash in page
    assert AuditEntry.objects.get(action="study.opened").reason == "for later"
    file = client.get(reverse("studies:protocol", args=[study.slug]))
    assert protocol.digest(file.json()) == study.protocol_hash
    page = client.post(reverse("studies:close", args=[study.slug]), follow=True).content.decode()
    assert "No more ratings are taken" in page


def test_an_account_is_enrolled_and_a_stranger_only_with_an_invitation(client, admin):
    study, reader = factories.study(pairs=1), factories.user()
    address = reverse("studies:enrol", args=[study.slug])
    page = client.post(address, {"email": reader.email.upper(), "years": 7}, follow=True).content.decode()
    assert "is reader R1" in page
    response = client.post(address, {"email": "new@example.org"})
    assert response.status_code == 422
    assert "There is no account" in response.content.decode()
    page = client.post(address, {"email": "new@example.org", "invite": "on"}).content.decode()
    link = re.search(r"/accounts/invitation/[^<\s]+", page)
    assert link
    assert Reader.objects.get(user__email="new@example.org").code == "R2"
    response = client.post(address, {"email": admin.email})
    assert response.status_code == 422
    assert "admins see which images are real" in response.content.decode()


def test_a_refused_enrolment_invites_nobody(client, admin):
    study = factories.open_study(pairs=1)
    lifecycle.close_study(study, admin)
    client.post(reverse("studies:enrol", args=[study.slug]), {"email": "new@example.org", "invite": "on"})
    assert not User.objects.filter(email="new@example.org").exists()


def test_a_reader_is_removed_with_a_reason(client, admin):
    reader = factories.open_study(pairs=1).readers.get()
    address = reverse("studies:remove", args=[reader.study.slug, reader.code])
    page = client.post(address, {"reason": "moved"}, follow=True).content.decode()
    assert "removed" in page
    reader.refresh_from_db()
    assert reader.removed_at


def test_simulated_studies_say_so_on_every_page(client, admin):
    study = factories.study(pairs=1)
    Study.objects.update(simulated=True)
    for name in ("detail", "edit"):
        assert "SIMULATED" in client.get(reverse(f"studies:{name}", args=[study.slug])).content.decode()
    assert "simulated ratings" in client.get(reverse("studies:list")).content.decode()


@pytest.mark.parametrize("name", ["list", "new", "detail", "edit", "file", "protocol"])
def test_readers_see_none_of_these_pages(client, name):
    study = factories.open_study(pairs=1)
    address = reverse(f"studies:{name}", args=[] if name in ("list", "new") else [study.slug])
    assert client.get(address).status_code == 302
    client.force_login(study.readers.get().user)
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("opened", [False, True])
def test_a_study_page_takes_the_same_number_of_queries_for_any_number(client, admin, opened, count_queries):
    numbers = set()
    for size in (2, 9):
        study = factories.open_study(size, readers=size) if opened else factories.study(size)
        numbers.add(count_queries(reverse("studies:detail", args=[study.slug])))
    assert len(numbers) == 1


def test_the_list_takes_the_same_number_of_queries_for_any_number(client, admin, count_queries):
    factories.open_study(1, readers=1)
    first = count_queries(reverse("studies:list"))
    for _ in range(4):
        factories.open_study(1, readers=2)
    assert count_queries(reverse("studies:list")) == first


@pytest.fixture
def count_queries(client, django_assert_max_num_queries):
    def count(address: str) -> int:
        client.get(address)  # what is loaded once a process is loaded now
        with django_assert_max_num_queries(100) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    return count


def test_a_copy_is_a_new_draft_of_the_same_design_without_readers(client, admin):
    study = factories.open_study(pairs=2, readers=1, washout_days=7, slug="original")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(definition, "_rubric", lambda name: study.rubric)  # the test's own, which no file describes
        for slug in ("original-2", "original-3"):
            answer = client.post(reverse("studies:copy", args=["original"]))
            assert answer["Location"] == reverse("studies:edit", args=[slug])
    made = Study.objects.get(slug="original-2")
    assert definition.design(made) | {"slug": ""} == definition.design(study) | {"slug": ""}
    assert (made.state, made.readers.count(), made.pairs.count()) == ("draft", 0, 0)
    assert AuditEntry.objects.filter(action="study.copied", detail={"from": "original"}).count() == 2


def test_a_reader_with_pairs_left_is_reminded_in_a_mail_that_tells_nothing(client, admin, mailoutbox):
    study = factories.open_study(pairs=2, readers=1, title="Knees")
    reader = study.readers.get()
    page = reverse("studies:detail", args=[study.slug])
    assert "Remind by e-mail" in client.get(page).content.decode()
    client.post(reverse("studies:remind", args=[study.slug, reader.code]))
    (mail,) = mailoutbox
    assert (mail.to, mail.subject) == ([reader.user.email], "Pairs are waiting for you: Knees")
    assert reverse("reading:list") in mail.body
    assert not re.search(r"real|synthetic|score|[0-9] of", mail.body)
    entry = AuditEntry.objects.get(action="study.reader_reminded")
    assert (entry.actor, entry.detail) == (admin, {"reader": reader.code})
    lifecycle.close_study(study, admin)
    assert (
        "nothing left"
        in client.post(reverse("studies:remind", args=[study.slug, reader.code]), follow=True).content.decode()
    )
    assert len(mailoutbox) == 1
