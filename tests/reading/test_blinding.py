"""Nothing a reader receives, apart from the pixels, depends on which image is real."""

import re

import pytest
from django.db import transaction
from django.test import Client

from radiorate.reading import views
from tests import factories
from tests.reading.scene import plan, posted, reading_study

pytestmark = pytest.mark.django_db
AROUND = {
    "consent": "You may stop at any time.",
    "reader_profile": True,
    "display_check": True,
    "closing_questions": True,
}
RANDOM = [
    r"[0-9a-f]{8}-[0-9a-f-]{27}",
    r"(?<=/reading/image/)[\w-]{32}",
    r'(?<=csrfmiddlewaretoken" value=")\w+',
    r"(csrftoken|sessionid)=\w+; expires=[^;]+",
    r'(?<=data-reader=")[0-9a-f]{16}',
]


def whole_session(swapped: bool) -> list[tuple[str, int, str, str]]:
    """Everything a reader's browser gets while it rates three pairs; random tokens masked, pixels left out.

    swapped: every image that was real is synthetic and the other way round; files, sides and order are the same.
    """
    with transaction.atomic():
        study = reading_study(pairs=3, readers=0, slug="swap", title="A study", swapped=swapped, **AROUND)
        reader = factories.reader(study, user=factories.user(email="reader@example.org"))
        plan(reader, list(study.pairs.order_by("code")))
        client = Client()
        client.force_login(reader.user)
        record = []

        def keep(response) -> str:
            body = "" if response.streaming else response.content.decode()
            text = f"{sorted(response.headers.items())} {response.cookies}"
            for pattern in RANDOM:
                body, text = re.sub(pattern, "~", body), re.sub(pattern, "~", text)
            record.append((response.request["REQUEST_METHOD"], response.status_code, text, body))
            return "" if response.streaming else response.content.decode()

        keep(client.get("/reading/"))
        keep(client.get("/reading/swap/consent/"))
        keep(client.post("/reading/swap/consent/", {"agreed": "on"}))
        keep(client.post("/reading/swap/profile/", {"years": "9", "ai_exposure": "some"}))
        keep(client.post("/reading/swap/display/", {"dark_seen": "yes", "bright_seen": "yes"}))
        html = keep(client.get("/reading/swap/"))
        while action := re.search(r'<form [^>]*action="([^"]+)"', html):
            for address in re.findall(r'data-viewer="([^"]+)"', html):
                keep(client.get(address))
            keep(client.post(action[1], {}))
            html = keep(client.post(action[1], posted(), headers={"HX-Request": "true"}))
            assert "real" not in re.sub(r"Which one is real\?|[AB] is real|believed_real", "", html)
        keep(client.get("/reading/swap/closing/"))
        keep(client.post("/reading/swap/closing/", {"noticed": "nothing"}, follow=True))
        transaction.set_rollback(True)
    assert len(record) == 2 + 4 + 3 * 4 + 2
    return record


def test_a_session_is_byte_identical_when_the_truth_is_swapped():
    assert whole_session(swapped=False) == whole_session(swapped=True)


def test_control_a_planted_leak_is_found(monkeypatch):
    honest = views._pair

    def leaking(request, shown, form, **context):
        response = honest(request, shown, form, **context)
        response["X-Order"] = str(shown.assignment.left.collection.origin == "real")
        return response

    monkeypatch.setattr(views, "_pair", leaking)
    assert whole_session(swapped=False) != whole_session(swapped=True)
