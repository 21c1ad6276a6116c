"""Readers' pages are whole in German, and what is stored does not know in which language it was given."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.views.defaults import server_error

from radiorate import translations
from radiorate.accounts.language import in_every_language
from radiorate.reading.models import RatingEvent
from radiorate.studies import definition, lifecycle, rubrics
from radiorate.studies.models import Pair, Reader, Study
from tests import factories
from tests.reading.scene import plan, posted, reading_study, rendition
from tests.reading.test_page import form_action
from tests.reading.test_plan import enter, two_sessions

PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w+\}|</?\w+")


def test_every_text_of_a_readers_page_has_a_german_one_and_is_compiled():
    texts, path = translations.updated("de"), translations.catalogue("de")
    assert not [english for english, words in texts.items() if not all(words)], "translate, then manage.py translations"
    assert path.read_text() == translations.page(texts), "run manage.py translations"
    assert path.with_suffix(".mo").read_bytes() == translations.compiled(texts), "run manage.py translations"
    for english, words in texts.items():
        for text, word in zip(english, words, strict=True):
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(word)), word


def test_what_is_compiled_is_what_gettext_reads():
    with translation.override("de"):
        assert translation.gettext("Collimation") == "Kollimation"
        pieces = [translation.ngettext("%(gaps)s answer missing", "%(gaps)s answers missing", n) for n in (1, 2)]
    assert pieces == ["%(gaps)s Antwort fehlt", "%(gaps)s Antworten fehlen"]


class Bare(HTMLParser):
    """What of a page did not go through gettext, where that puts its texts into brackets; keys and codes aside."""

    SPOKEN = ("aria-label", "alt", "title", "placeholder", "data-loading")
    SILENT = ("script", "style", "kbd", "code")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.depth = 0
        self.silent = 0
        self.found: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.silent += tag in self.SILENT
        for name, value in attributes:
            if name in self.SPOKEN or (("class", "words") in attributes and name.startswith("data-")):
                self.hear(value or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= tag in self.SILENT

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.hear(data)

    def hear(self, text: str) -> None:
        outside = ""
        for sign in text:
            self.depth += {"⟦": 1, "⟧": -1}.get(sign, 0)
            outside += sign if self.depth == 0 else " "
        self.found += re.findall(r"[^\W\d_]{3,}", outside)


KNOWN = {"radiorate", "Deutsch", "UTC"}


@pytest.fixture
def bracketed(monkeypatch):
    """Every text of gettext in brackets; gives what a page shows without them."""
    monkeypatch.setattr(translation._trans, "gettext", lambda text: f"⟦{text}⟧" if text else "")
    monkeypatch.setattr(translation._trans, "ngettext", lambda one, many, count: f"⟦{one if count == 1 else many}⟧")

    def bare(response: Any) -> set[str]:
        assert response.status_code < 500
        return set(Bare(response.content.decode()).found) - KNOWN

    return bare


def full_study(**fields: Any) -> Study:
    """With all a reader can meet: consent, profile, display check, practice, breaks and closing questions."""

    def write(study: Study) -> None:
        rows = [study.pairs.get(code="P001"), study.pairs.get(code="P002")]
        first, second = factories.image(), factories.image(factories.collection("synthetic"))
        rendition(first, 91)
        rendition(second, 92)
        pair = Pair(study=study, code="T01", kind="practice", first=first, second=second, recipe=rows[0].recipe)
        pair.body_part = "knee"
        pair.save()
        Study.objects.filter(pk=study.pk).update(expected_scores={first.sha256: {"anatomy": 4}})
        plan(factories.reader(study, user=factories.user(email="9@9.99")), [pair, *rows])

    asked = {"consent": "§ 1", "reader_profile": True, "display_check": True, "closing_questions": True}
    asked |= {"break_every": 1, "practice_pairs": 1, "rubric": rubrics.load("radiographs")} | fields
    return reading_study(pairs=2, readers=0, before_opening=write, title="№ 7", slug="s7", **asked)


@pytest.mark.django_db
def test_no_text_of_the_pages_around_the_pairs_is_left_out(client: Client, bracketed):
    study = full_study()
    enter(client, study)
    room = "/reading/s7"
    visits: list[tuple[str, dict[str, str] | None]] = [
        ("/reading/", None),
        (f"{room}/instructions/", None),
        (f"{room}/consent/", None),
        (f"{room}/consent/", {}),
        (f"{room}/consent/", {"agreed": "on"}),
        (f"{room}/profile/", None),
        (f"{room}/profile/", {}),
        (f"{room}/profile/", {"years": "3", "ai_exposure": "none"}),
        (f"{room}/display/", None),
        (f"{room}/display/", {}),
        *((f"{room}/display/", {"dark_seen": dark, "bright_seen": "no"}) for dark in ("yes", "no")),
        (f"{room}/", None),
        ("/no/such/page/", None),
        ("/accounts/profile/", None),
        ("/accounts/second-factor/", None),
        ("/accounts/password/change/", None),
        ("/accounts/password/change/", {}),
        ("/accounts/logout/", None),
    ]
    for address, form in visits:
        response = client.get(address) if form is None else client.post(address, form)
        assert bracketed(response) == set(), address


@pytest.mark.django_db
def test_no_text_of_the_pairs_is_left_out(client: Client, bracketed):
    study = full_study(consent="", reader_profile=False, display_check=False, forced_choice=False)
    enter(client, study)
    page = client.get("/reading/s7/", headers={"HX-Request": "true"})
    for answers in (posted(believed_real="both"), posted(), posted()):
        action = form_action(page.content.decode())
        seen = [page, client.post(action, {}), client.post(action, posted() | {"anatomy-left": "na", "mark": "x"})]
        seen.append(client.post(action, answers))
        seen.append(client.post(action, posted(confidence="1")))  # not what was saved
        assert [bracketed(response) for response in seen] == [set()] * 5
        page = client.get("/reading/s7/")
    for address in ("/reading/s7/", "/reading/s7/?place=1", "/reading/s7/closing/", "/reading/"):
        assert bracketed(client.get(address)) == set(), address
    client.post("/reading/s7/closing/", {"noticed": "0"})
    for _ in range(2):
        assert bracketed(client.get("/reading/s7/closing/")) == set()
        client.post("/reading/s7/closing/", {"share": "50"})
    lifecycle.close_study(Study.objects.get(pk=study.pk), factories.admin())
    assert bracketed(client.get("/reading/s7/")) == set()
    assert bracketed(client.post(form_action(seen[0].content.decode()), posted(comment="0"))) == set()


@pytest.mark.django_db
def test_no_text_of_waiting_and_signing_in_is_left_out(client: Client, bracketed):
    study = two_sessions(washout_days=3, title="№ 8")
    enter(client, study)
    client.post(form_action(client.get(f"/reading/{study.slug}/").content.decode()), posted())
    waiting = client.get(f"/reading/{study.slug}/")
    assert study.title in waiting.content.decode()
    assert bracketed(waiting) - {study.readers.get().user.email} - {"person", "example", "org"} == set()
    client.logout()
    for address in ("/accounts/login/", "/accounts/password/reset/", "/accounts/invitation/", "/accounts/inactive/"):
        assert bracketed(client.get(address)) == set(), address
    assert bracketed(client.post("/accounts/login/", {})) == set()


def test_a_text_that_is_left_out_is_seen():
    page = '<p>⟦one <b>more</b>⟧ two <b aria-label="three">⟦four⟧</b> <kbd>Esc</kbd></p>'
    assert Bare(page).found == ["two", "three"], "the control"


@pytest.mark.django_db
def test_the_browser_asks_and_the_reader_chooses(client: Client):
    german = {"Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
    page = client.get("/accounts/login/", headers=german).content.decode()
    assert '<html lang="de">' in page
    assert "Anmelden" in page
    assert client.post("/accounts/language/", {"language": "en-gb", "next": "/accounts/login/"}).status_code == 302
    assert "Sign in" in client.get("/accounts/login/", headers=german).content.decode()
    client.post("/accounts/language/", {"language": "xx"})
    assert "Sign in" in client.get("/accounts/login/", headers=german).content.decode()


def test_a_fault_is_told_in_the_language_of_the_page(rf, bracketed):
    with translation.override("de"):
        page = server_error(rf.get("/"))
    assert '<html lang="de">' in page.content.decode()
    assert set(Bare(page.content.decode()).found) - KNOWN == set()


@pytest.mark.django_db
def test_the_pages_of_admins_stay_english(client: Client):
    client.force_login(factories.admin())
    page = client.get("/studies/", headers={"Accept-Language": "de"}).content.decode()
    assert '<html lang="en-gb">' in page


@pytest.mark.django_db
def test_what_is_stored_is_the_same_in_every_language(client: Client):
    stored = []
    for language in ("en", "de"):
        study = reading_study(pairs=1, rubric=rubrics.load("radiographs"))
        enter(client, study)
        page = client.get(f"/reading/{study.slug}/", headers={"Accept-Language": language}).content.decode()
        assert ("Kollimation" in page) == (language == "de")
        answers = posted(mark=["left seam 0.5000 0.5000"])
        client.post(form_action(page), answers, headers={"Accept-Language": language})
        stored.append(RatingEvent.objects.latest("pk").answers)
    assert stored[0] == stored[1]
    designs = []
    for language in ("en-gb", "de"):
        with translation.override(language):
            designs.append((definition.design(study), rubrics.texts(study.rubric)))
    assert designs[0] == designs[1]  # what the protocol's hash is made of


@pytest.mark.django_db
def test_a_mail_is_in_every_language():
    reader = Reader.objects.get(pk=factories.reader(factories.study(title="Knees")).pk)
    text = in_every_language("studies/reminder.txt", {"reader": reader, "study": reader.study, "link": "https://x/"})
    assert "Thank you for taking part." in text
    assert "Vielen Dank für Ihre Teilnahme." in text
    assert text.count("https://x/") == 2
