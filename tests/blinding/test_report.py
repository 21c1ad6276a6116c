"""`check_blinding` finds each way in which anything but the pixels could tell what is real, and nothing else."""

import hashlib
import io
import json
import struct
import zlib

import numpy as np
import pytest
from django.core.management import call_command
from PIL import Image as Picture

from radiorate.accounts.models import User
from radiorate.blinding import equality, report, worlds
from radiorate.blinding.browsing import Exchange
from radiorate.images import rendition
from radiorate.images.models import Image, Rendition
from radiorate.reading import presentation, views
from radiorate.reading.models import Presentation, RatingEvent
from radiorate.studies import inspection, lifecycle
from radiorate.studies.models import Assignment, Reader
from tests import factories
from tests.reading.scene import reading_study

pytestmark = pytest.mark.django_db
AROUND = {
    "consent": "You may stop at any time.",
    "reader_profile": True,
    "display_check": True,
    "practice_agreement": "0.8",
    "closing_questions": True,
}


def study(pairs: int = 2, **fields):
    return reading_study(pairs=pairs, readers=1, slug="blind", **AROUND, **fields)


def is_real(image: Image) -> bool:
    return image.collection.origin == "real"


def test_a_study_that_gives_nothing_away_passes():
    opened = study()
    steps: list[str] = []
    found = report.check(opened, steps.append)
    assert found["ok"], found["problems"]
    parts = found["parts"]
    assert set(parts) == {"balance", "equality", "counterfactual", "pixels"} and len(steps) == 5
    assert parts["equality"]["answers"] == 2 * 2 * 9
    assert parts["counterfactual"]["exchanges"] > 2 * 2 * (2 * 9 + 2)
    for part in ("equality", "counterfactual"):
        assert parts[part]["leaks_found"] == parts[part]["leaks_planted"] >= 3


def test_a_pair_that_is_looked_at_twice_is_one_showing():
    opened = study(finding_asked=True, findings="fracture\nnone")
    found = report.check(opened)
    assert found["ok"], found["problems"]
    assert found["parts"]["equality"]["answers"] == 2 * 2 * 9 * 2
    session = worlds.rehearse(opened, worlds.World.AS_IS).session
    assert {each.picture for each in session if each.picture} == {(0, 0), (0, 1), (1, 0), (1, 1)}


def test_a_check_leaves_nothing_behind():
    opened = study()
    rows = (User, Reader, Assignment, Presentation, RatingEvent, Image)
    before = [list(model.objects.order_by("pk").values()) for model in rows]
    report.check(opened)
    assert [list(model.objects.order_by("pk").values()) for model in rows] == before


def test_what_a_draft_cannot_show_is_said():
    draft = report.check(factories.study(pairs=1))
    assert not draft["ok"] and "draft" in draft["parts"]["counterfactual"]["skipped"]


def attributed(monkeypatch) -> None:
    honest = views._pair

    def leaking(request, shown, form, *args, **context):
        response = honest(request, shown, form, *args, **context)
        leak = f'<form data-left="{is_real(shown.assignment.left)}"'
        response.content = response.content.replace(b"<form", leak.encode(), 1)
        return response

    monkeypatch.setattr(views, "_pair", leaking)


def tagged(monkeypatch) -> None:
    """Send an ETag with what is real, as an object store does with everything."""
    honest, real = presentation.rendition, []

    def noticing(user, token):
        found = honest(user, token)
        real.append(found is not None and is_real(found.image))
        return found

    class Tagging(views.Pixels):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            if real[-1]:
                self["ETag"] = '"r"'

    monkeypatch.setattr(presentation, "rendition", noticing)
    monkeypatch.setattr(views, "Pixels", Tagging)


def rewrite(pick, change) -> None:
    """Store other bytes for the renditions of some images, with their checksums, as a faulty writer would."""
    for row in Rendition.objects.select_related("image__collection"):
        if pick(row.image):
            data = change(row.file.read())
            row.file.storage.delete(row.file.name)
            row.file.storage.save(row.file.name, io.BytesIO(data))
            Rendition.objects.filter(pk=row.pk).update(sha256=hashlib.sha256(data).hexdigest())


def profiled(data: bytes) -> bytes:
    body = b"iCCPgrey\0\0" + zlib.compress(b"profile")
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return data[:33] + chunk + data[33:]


def redrawn(change):
    def draw(data: bytes) -> bytes:
        stream = io.BytesIO()
        Picture.fromarray(change(np.array(Picture.open(io.BytesIO(data))))).save(stream, "PNG", compress_level=0)
        return stream.getvalue()

    return draw


def smooth(grey: np.ndarray) -> np.ndarray:
    from scipy import ndimage

    return rendition.windowed(ndimage.gaussian_filter(grey.astype(np.float32), 3))


def barred(grey: np.ndarray) -> np.ndarray:
    grey[:, :6] = grey[:, -6:] = 0
    return grey


def through_jpeg(grey: np.ndarray) -> np.ndarray:
    stream = io.BytesIO()
    Picture.fromarray(grey).save(stream, "JPEG", quality=20)
    return np.array(Picture.open(stream))


LEAKS = {
    "a colour profile": lambda patch: rewrite(is_real, profiled),
    "one byte more": lambda patch: rewrite(is_real, lambda data: data + b"\0"),
    "an ETag": tagged,
    "a data attribute": attributed,
}


@pytest.mark.parametrize("leak", LEAKS)
def test_control_a_planted_leak_is_found(leak, monkeypatch):
    opened = study(2)
    LEAKS[leak](monkeypatch)
    found = report.visits(opened, str)
    assert found["equality" if leak != "a data attribute" else "counterfactual"]["problems"]


@pytest.mark.parametrize(("late", "is_found"), [(0.005, True), (0.0, False)])
def test_control_five_milliseconds_are_found(late, is_found):
    """Times of their own making, for a busy machine's say nothing."""
    noise = np.random.default_rng(7).gamma(4, 0.002, 200)
    pictures = [
        (
            bool(place % 2),
            Exchange("GET", equality.ADDRESS, (), 200, "", b"", (place // 2, place % 2), str(place), time),
        )
        for place, time in enumerate(noise + late * (np.arange(200) % 2))
    ]
    assert ("How long" in " ".join(equality.check(pictures)["problems"])) == is_found


@pytest.mark.parametrize(("change", "name"), [(barred, "border"), (through_jpeg, "blockiness")])
def test_control_what_one_origin_went_through_is_found_in_its_pixels(change, name):
    opened = study(24)
    rewrite(lambda image: True, redrawn(smooth))
    assert not report.pictures(opened, str)["problems"]
    rewrite(is_real, redrawn(change))
    assert f"The {name} alone" in " ".join(report.pictures(opened, str)["problems"])


def test_control_sides_of_seventy_to_thirty_are_found():
    opened = study(10)
    reader = factories.reader(opened, user=factories.user(email="second@example.org"))
    pairs = list(opened.pairs.order_by("code"))
    for position, pair in enumerate(pairs, start=1):
        side = "left" if position % 10 < 7 else "right"
        Assignment.objects.create(reader=reader, pair=pair, session=1, position=position, first_side=side)
    assert "on one side than on the other" in " ".join(inspection.inspect(opened)["problems"])


def test_control_tokens_that_follow_an_order_are_found(monkeypatch):
    opened = study(20)
    honest = Presentation.objects.create

    def ordered(**fields):
        shown = honest(**fields)
        left, right = ("a", "b") if is_real(fields["assignment"].left) else ("b", "a")
        shown.left_token, shown.right_token = left + shown.left_token[1:], right + shown.right_token[1:]
        shown.save(update_fields=["left_token", "right_token"])
        return shown

    monkeypatch.setattr(type(Presentation.objects), "create", lambda self, **fields: ordered(**fields))
    rehearsal = worlds.rehearse(opened, worlds.World.AS_IS)
    assert "addresses follows" in " ".join(equality.check(rehearsal.pictures())["problems"])


def test_the_command_prints_the_parts(capsys):
    study(1)
    call_command("check_blinding", "blind", "--json")
    printed = json.loads(capsys.readouterr().out)
    assert printed["ok"] and printed["parts"]["pixels"]["areas"]["noise"]["value"] >= 0.5


def test_the_command_says_what_it_could_not_look_at_in_a_closed_study(capsys):
    lifecycle.close_study(study(1), factories.admin())
    call_command("check_blinding", "blind")
    printed = capsys.readouterr().out
    assert "give nothing away" in printed
    assert "The part counterfactual was left out: the study is closed: no reader can visit it." in printed
