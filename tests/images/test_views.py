"""The pages of the images room."""

import io
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Picture

from radiorate.accounts.models import AuditEntry
from radiorate.images import imports, lifecycle
from radiorate.images.models import Collection, Image, Import
from tests import factories
from tests.conftest import eventually

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(factories.admin())
    return client


def test_an_admin_makes_a_collection(admin: Client) -> None:
    answer = admin.post(reverse("images:collections"), {"name": "Knees", "origin": "synthetic", "licence": "CC0"})
    made = Collection.objects.get()
    assert answer["Location"] == reverse("images:collection", args=[made.pk])
    assert (made.origin, made.licence) == ("synthetic", "CC0")
    assert AuditEntry.objects.filter(action="collection.created").exists()
    assert admin.post(reverse("images:collections"), {"name": "Knees", "origin": "real"}).status_code == 422


@pytest.mark.parametrize("name", ["collections", "library", "collection", "import"])
def test_lists_ask_the_same_number_of_questions_however_long_they_are(
    admin: Client, name: str, django_assert_num_queries: Any
) -> None:
    into = factories.collection()
    started = Import.objects.create(collection=into, state="done")
    args = {"collection": [into.pk], "import": [started.pk]}.get(name, [])

    def add() -> None:
        image = factories.image(into)
        started.files.create(name="a.png", outcome="accepted", image=image)
        if name == "collections":
            factories.image(factories.collection())

    def questions() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as asked:
            assert admin.get(reverse(f"images:{name}", args=args)).status_code == 200
        return len(asked)

    add()
    few = questions()
    for _ in range(7):
        add()
    with django_assert_num_queries(few):
        admin.get(reverse(f"images:{name}", args=args))


def test_the_library_is_filtered(admin: Client) -> None:
    knee = factories.image(body_part="knee", view_position="AP")
    hand = factories.image(factories.collection("synthetic"), body_part="hand", view_position="")
    factories.image(body_part="hand", view_position="PA", state="held", state_reason="words")

    def shown(**query: Any) -> set[Image]:
        return set(admin.get(reverse("images:library"), query).context["page"])

    assert shown(region="knee") == {knee}
    assert shown(view="none") == {hand} == shown(origin="synthetic") == shown(collection=hand.collection_id)
    assert len(shown(state="held")) == 1 and len(shown(region="nonsense")) == 3 == len(shown())


def test_a_thumbnail_is_made_once_and_kept_by_the_browser_alone(admin: Client) -> None:
    address = reverse("images:thumbnail", args=[factories.image().pk])
    answer = admin.get(address)
    assert Picture.open(io.BytesIO(answer.content)).size == (256, 256)
    assert answer["Cache-Control"] == "private, no-cache"
    assert admin.get(address).content == answer.content
    assert admin.get(address, headers={"if-none-match": answer["ETag"]}).status_code == 304
    assert len(default_storage.listdir("previews")[1]) == 1


def test_an_upload_becomes_an_import_and_its_page_shows_each_outcome(admin: Client) -> None:
    into = factories.collection()
    files = [
        SimpleUploadedFile("a.png", factories.png()),
        SimpleUploadedFile("../<b>.svg", b"<svg>"),
    ]
    answer = admin.post(reverse("images:upload", args=[into.pk]), {"pictures": files})
    started = Import.objects.get()
    assert answer["Location"] == reverse("images:import", args=[started.pk])
    waiting = admin.get(answer["Location"]).content.decode()
    assert "every 1s" in waiting
    imports.run(started.pk)
    done = admin.get(answer["Location"]).content.decode()
    assert "every 1s" not in done and "&lt;b&gt;.svg" in done and "It is not a PNG" in done
    assert admin.get(answer["Location"], {"outcome": "rejected"}).context["page"].paginator.count == 1


def test_rows_of_the_manifest_without_a_file_are_listed_apart(admin: Client) -> None:
    started = Import.objects.create(collection=factories.collection(), state="done")
    for name, outcome in (("a.png", "rejected"), ("b.png", "absent"), ("c.png", "absent")):
        started.files.create(name=name, outcome=outcome)
    address = reverse("images:import", args=[started.pk])
    page = admin.get(address)
    assert [file.name for file in page.context["page"]] == ["a.png"]
    assert page.context["progress"]["rejected"] == page.context["progress"]["all"] == 1
    assert "in the manifest, not among the files" in page.content.decode()
    assert [file.name for file in admin.get(address, {"outcome": "absent"}).context["page"]] == ["b.png", "c.png"]


def test_a_manifest_in_another_encoding_is_named_on_the_form(admin: Client) -> None:
    files = {"pictures": SimpleUploadedFile("a.png", factories.png()), "manifest": "file,region\na.png,Schädel\n"}
    files["manifest"] = SimpleUploadedFile("latin.csv", files["manifest"].encode("latin-1"))
    answer = admin.post(reverse("images:upload", args=[factories.collection().pk]), files)
    assert answer.status_code == 422 and "latin.csv is not CSV in UTF-8" in answer.content.decode()
    assert not Import.objects.exists()


def test_an_image_of_an_unknown_region_is_called_so(admin: Client) -> None:
    image = factories.image(body_part="", view_position="AP")
    page = admin.get(reverse("images:library")).content.decode()
    assert '<span class="caption">region unknown AP</span>' in page
    assert f'{image.pk}/thumbnail.png" alt=""' in page, "the caption beside it says it"


def test_an_admin_tells_what_an_image_shows(admin: Client) -> None:
    image = factories.image(body_part="", view_position="")
    page = admin.get(reverse("images:detail", args=[image.pk])).content.decode()
    assert '<option value="hand"></option>' in page and 'name="csrfmiddlewaretoken"' in page
    told = {"body_part": " Thorax ", "view_position": "PA", "patient_sex": "F"}
    address = reverse("images:describe", args=[image.pk])
    assert admin.post(address, told).status_code == 302
    image.refresh_from_db()
    assert (image.body_part, image.view_position, image.patient_sex) == ("chest", "PA", "F")
    entry = AuditEntry.objects.get(action="image.described")
    assert entry.actor and entry.target == f"image {image.pk}"
    assert entry.detail["old"] == {"body_part": "", "view_position": "", "patient_sex": ""}
    assert entry.detail["new"] == {"body_part": "chest", "view_position": "PA", "patient_sex": "F"}
    assert admin.post(address, {**told, "view_position": "XX"}).status_code == 422
    admin.post(address, told)
    assert AuditEntry.objects.filter(action="image.described").count() == 1, "nothing changed"


def test_what_an_image_of_an_opened_study_shows_is_not_changed(admin: Client) -> None:
    image = factories.open_study(pairs=1).real_collections.get().images.get()
    assert "Fill in or correct" not in admin.get(reverse("images:detail", args=[image.pk])).content.decode()
    answer = admin.post(reverse("images:describe", args=[image.pk]), {"body_part": "hand"})
    assert answer.status_code == 422 and "a study that was opened" in answer.content.decode()
    assert Image.objects.get(pk=image.pk).body_part == "knee"


def test_a_damaged_zip_file_is_refused_on_the_form(admin: Client) -> None:
    into = factories.collection()
    answer = admin.post(
        reverse("images:upload", args=[into.pk]), {"pictures": SimpleUploadedFile("a.zip", b"PK\x03\x04no")}
    )
    assert answer.status_code == 422 and "The ZIP file is damaged." in answer.content.decode()
    assert not Import.objects.exists()


def test_withdrawing_needs_a_reason_and_is_audited(admin: Client) -> None:
    image = factories.image()
    address = reverse("images:withdraw", args=[image.pk])
    assert admin.post(address, {"ground": "other", "words": " "}).status_code == 422
    assert admin.post(address, {"words": "wrong side"}).status_code == 422
    assert admin.post(address, {"ground": "near_copy"}).status_code == 422, "a real image copies none"
    assert admin.post(address, {"ground": "other", "words": "wrong side"}).status_code == 302
    image.refresh_from_db()
    assert (image.state, image.state_reason, image.withdrawn_for) == ("withdrawn", "wrong side", "other")
    assert AuditEntry.objects.get(action="image.withdrawn").reason == "wrong side"
    assert admin.post(address, {"ground": "consent"}).status_code == 422
    back = {"reason": "back", "act": "release"}
    assert admin.post(reverse("images:look", args=[image.pk]), back).status_code == 422
    assert AuditEntry.objects.filter(target=f"image {image.pk}").count() == 1


def test_a_synthetic_image_is_withdrawn_for_what_its_pixels_show_only_and_can_be_taken_back(admin: Client) -> None:
    image = factories.image(factories.collection("synthetic"))
    address = reverse("images:withdraw", args=[image.pk])
    assert admin.post(address, {"ground": "other", "words": "ugly"}).status_code == 422
    with pytest.raises(lifecycle.NotPossible):
        lifecycle.withdraw(image, None, "ugly")
    assert admin.post(address, {"ground": "burnt_in_text", "words": "top left"}).status_code == 302
    image.refresh_from_db()
    assert (image.state_reason, image.withdrawn_for) == ("burnt-in text: top left", "burnt_in_text")
    assert AuditEntry.objects.get(action="image.withdrawn").detail == {"ground": "burnt_in_text"}
    address = reverse("images:restore", args=[image.pk])
    assert admin.post(address, {"reason": ""}).status_code == 422
    assert admin.post(address, {"reason": "it is a marker"}).status_code == 302
    image.refresh_from_db()
    assert (image.state, image.state_reason, image.withdrawn_for) == ("available", "", "")
    assert AuditEntry.objects.filter(action="image.restored").count() == 1


def test_what_was_withdrawn_from_an_opened_study_stays_so(admin: Client) -> None:
    image = factories.open_study(2, 1).pairs.first().second
    lifecycle.withdraw(image, None, ground="unreadable")
    answer = admin.post(reverse("images:restore", args=[image.pk]), {"reason": "a mistake"})
    assert answer.status_code == 422 and "there it stays withdrawn" in answer.content.decode()
    image.refresh_from_db()
    assert image.state == "withdrawn"


def test_a_held_image_is_released(admin: Client) -> None:
    image = factories.image(state="held", state_reason="words")
    told = {"reason": "only a marker", "act": "release"}
    assert admin.post(reverse("images:look", args=[image.pk]), told).status_code == 302
    image.refresh_from_db()
    assert (image.state, image.state_reason) == ("available", "")


@pytest.mark.django_db(transaction=True)
def test_files_are_chosen_and_followed_in_a_browser(
    live_server_process: Any, celery_worker_process: Any, admin: Client, context: Any
) -> None:
    web = live_server_process
    into = factories.collection()
    context.add_cookies([{"name": "sessionid", "value": admin.cookies["sessionid"].value, "url": web.url}])
    page = context.new_page()
    page.goto(f"{web.url}/images/collections/{into.pk}/")
    files = [{"name": f"{n}.png", "mimeType": "image/png", "buffer": factories.png(n)} for n in range(3)]
    page.get_by_label("Pictures").set_input_files(files)
    page.get_by_label("Manifest").set_input_files(
        {"name": "latin.csv", "mimeType": "text/csv", "buffer": b"file\n\xe4"}
    )
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("latin.csv is not CSV in UTF-8").wait_for()
    page.get_by_label("Manifest").set_input_files([])
    page.get_by_role("button", name="Upload").click()
    page.get_by_text("done", exact=True).wait_for(timeout=60_000)
    assert page.get_by_text("accepted", exact=True).count() >= 3
    eventually(lambda: into.images.count() == 3)
