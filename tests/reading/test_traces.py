"""What the page tells of the time and of the looking is stored beside the answer, and never a reason to lose it."""

import pytest
from django.test import Client

from radiorate.reading import traces
from radiorate.reading.models import RatingEvent
from tests.reading.scene import posted, reading_study
from tests.reading.screen import drawn, rate
from tests.reading.test_page import form_action, open_page
from tests.reading.test_plan import enter

JUNK = [
    "",
    "nonsense",
    "1 left zoom",
    "1 left zoom 17",
    "1 left pan 0.5",
    "1 left pan 0.5 1.5",
    "-1 left invert 1",
    "1 middle zoom 2",
    "1 left zoom 2 2",
    "1 left window 1e2 100",
    "\u0661 left zoom 2",
    "1 left zoom 2;" * 10_000,
]


@pytest.mark.parametrize("text", JUNK, ids=lambda text: text[:20])
def test_a_trace_that_is_none_is_left_out_and_the_rating_stays(client: Client, db, text):
    study = reading_study(pairs=1)
    enter(client, study)
    sent = posted() | {"views": text, "idle_ms": "NaN"}
    assert client.post(form_action(open_page(client, study)), sent).status_code == 200
    assert RatingEvent.objects.get().client_times == {}


def test_a_trace_is_kept_to_its_bounds_and_without_its_broken_parts():
    text = "5 left zoom 1.5;junk;7 right window 280 140;9 left pan 0.25 1"
    assert traces.read(text) == [
        [5, "left", "zoom", 1.5],
        [7, "right", "window", 280.0, 140.0],
        [9, "left", "pan", 0.25, 1.0],
    ]
    assert len(traces.read(";".join(["1 left zoom 2"] * (traces.MOST + 5)))) == traces.MOST


def test_the_same_answer_with_another_trace_is_the_same_answer(client: Client, db):
    study = reading_study(pairs=1)
    enter(client, study)
    action = form_action(open_page(client, study))
    for views in ("5 left zoom 2", "9 right invert 1"):
        assert client.post(action, posted() | {"views": views}).status_code == 200
    assert RatingEvent.objects.get().client_times == {"views": [[5, "left", "zoom", 2.0]]}


def test_what_is_done_at_the_images_comes_with_the_answer(visit):
    page = visit()
    page.clock.install()
    page.reload()
    drawn(page, 1)
    figure = page.locator("figure").first
    figure.focus()
    for key in ("[", "[", "]", "l", "i", "+", "ArrowLeft", "m"):
        page.keyboard.press(key)
    page.clock.fast_forward(45_000)  # longer than a reader may look without touching anything
    page.keyboard.press("[")
    page.keyboard.press("Escape")
    page.clock.fast_forward(20_000)
    page.keyboard.press("Enter")  # on with it
    rate(page)
    page.keyboard.press("Enter")
    drawn(page, 2)
    told = RatingEvent.objects.get().client_times
    assert 45_000 <= told["idle_ms"] < 65_000
    assert 20_000 <= told["hidden_ms"] < 40_000
    assert told["t_submit"] - told["t_shown"] >= 65_000
    # On a busy machine a second may pass between two keys, which is then two events of one kind.
    assert list(dict.fromkeys(tuple(event[1:3]) for event in told["views"])) == [
        ("left", "window"),
        ("right", "window"),
        ("left", "invert"),
        ("left", "zoom"),
        ("left", "pan"),
        ("left", "magnify"),
        ("right", "magnify"),
    ]
    windows = [event for event in told["views"] if event[1:3] == ["left", "window"]]
    assert windows[-2][3:] == [248, 128]  # what the changes came to, before the wait
    assert windows[-1][0] > 45_000
