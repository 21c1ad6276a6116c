"""The page without scripts, as a plain HTTP client meets it."""

import re

import pytest

from radiorate.images.models import Image
from radiorate.reading.models import Rating
from radiorate.studies import lifecycle
from radiorate.studies.models import Criterion, Pair
from tests.reading.scene import posted, reading_study

pytestmark = pytest.mark.django_db
CHOSEN = re.compile(r'type="radio"[^>]* checked>')


@pytest.fixture
def study():
    return reading_study(pairs=3)


@pytest.fixture
def reader(client, study):
    reader = study.readers.get()
    client.force_login(reader.user)
    return reader


def form_action(html: str) -> str:
    (action,) = re.findall(r'<form [^>]*action="([^"]+)"', html)
    return action


def open_page(client, study, query="") -> str:
    return client.get(f"/reading/{study.slug}/{query}").content.decode()


def test_a_client_that_fills_the_one_form_rates_the_whole_study(client, study, reader):
    page = client.get(f"/reading/{study.slug}/")
    for number in range(1, 4):
        html = page.content.decode()
        assert html.count("<form") == 1
        assert f"{number} of 3" in html
        names = set(re.findall(r'type="radio" name="([^"]+)"', html))
        assert names == posted().keys() - {"comment"}
        page = client.post(form_action(html), posted())
        assert page["X-Rating-Saved"] in form_action(html)
    assert "That was the last pair" in page.content.decode()
    assert Rating.objects.count() == 3


def test_the_answer_to_a_rating_is_the_next_pair_in_8_kb(client, study, reader):
    response = client.post(form_action(open_page(client, study)), posted(), headers={"HX-Request": "true"})
    assert "2 of 3" in response.content.decode()
    assert len(response.content) <= 8000
    assert response.content.startswith(b'<form id="pair"')
    assert b"<img" not in response.content


def test_a_gap_is_named_and_the_rest_kept(client, study, reader):
    given = posted(comment="odd <patella>")
    del given["artifacts-right"]
    response = client.post(form_action(open_page(client, study)), given)
    html = response.content.decode()
    assert response.status_code == 422
    assert "1 answer missing: Artifacts, image B" in html
    assert len(CHOSEN.findall(html)) == 9
    assert "odd &lt;patella&gt;" in html
    assert not Rating.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"anatomy-left": "6"},
        {"anatomy-left": "0"},
        {"confidence": "9"},
        {"believed_real": "both"},
        {"anatomy-left": "na"},
        {"comment": "x" * 2001},
    ],
    ids=["above the scale", "below it", "confidence", "choice is forced", "no reason", "long comment"],
)
def test_what_the_rubric_does_not_allow_is_refused(client, study, reader, wrong):
    assert client.post(form_action(open_page(client, study)), posted(**wrong)).status_code == 422
    assert not Rating.objects.exists()


def test_not_assessable_needs_a_reason_and_then_counts(client, study, reader):
    given = posted(**{"anatomy-left": "na", "reason": "cut off"})
    assert client.post(form_action(open_page(client, study)), given).status_code == 200
    assert Rating.objects.get().scores.get(criterion__key="anatomy", side="left").reason == "cut off"


def test_a_criterion_is_asked_only_of_its_regions(client):
    study = reading_study(
        pairs=1,
        before_opening=lambda study: (
            Criterion.objects.filter(rubric=study.rubric, key="joint_fidelity").update(body_parts=["hand"]),
            Pair.objects.filter(study=study).update(body_part="chest"),
        ),
    )
    client.force_login(study.readers.get().user)
    html = open_page(client, study)
    assert "joint_fidelity" not in html
    given = {name: value for name, value in posted().items() if not name.startswith("joint")}
    assert client.post(form_action(html), given).status_code == 200
    assert Rating.objects.get().scores.count() == 6


def test_pins_are_stored_shown_again_and_replaced(client, study, reader):
    pins = ["right fused_joint 0.5312 0.221", "left seam 0.1 0.2 0.3 0.4"]
    client.post(form_action(open_page(client, study)), posted(mark=pins))
    stored = Rating.objects.get().marks.values_list("side", "tag", "x", "y", "width", "height")
    numbers = [tuple(None if n is None else float(n) for n in mark[2:]) for mark in stored]
    assert [mark[:2] for mark in stored] == [("right", "fused_joint"), ("left", "seam")]
    assert numbers == [(0.5312, 0.221, None, None), (0.1, 0.2, 0.3, 0.4)]
    html = open_page(client, study, "?place=1")
    assert 'value="right fused_joint 0.5312 0.2210"' in html
    assert 'value="left seam 0.1000 0.2000 0.3000 0.4000"' in html
    client.post(form_action(html), posted(mark=pins[:1]))
    assert Rating.objects.get().marks.count() == 1


@pytest.mark.parametrize(
    "pin",
    [
        "right extra_digit 0.5 0.5",
        "right beauty 0.5 0.5",
        "both seam 0.5 0.5",
        "right seam 1.0001 0.5",
        "right seam -0.1 0.5",
        "right seam nan 0.5",
        "right seam 0.5",
        "right seam 0.5 0.5 0.1",
        "right seam 0.8 0.5 0.3 0.1",
        "right seam 0.5 0.5 0.00001 0.1",
        "",
    ],
)
def test_what_is_no_pin_of_this_pair_is_refused_in_words(client, study, reader, pin):
    response = client.post(form_action(open_page(client, study)), posted(mark=[pin]))
    assert response.status_code == 422
    assert "A pin names an image, a defect of this region and a place inside the image." in response.content.decode()
    assert not Rating.objects.exists()


def test_an_image_takes_twenty_pins(client, study, reader):
    action = form_action(open_page(client, study))
    assert client.post(action, posted(mark=["left seam 0.5 0.5"] * 21)).status_code == 422
    assert client.post(action, posted(mark=["left seam 0.5 0.5"] * 20)).status_code == 200
    assert Rating.objects.get().marks.count() == 20


def test_the_second_window_sees_both_answers_and_picks(client, study, reader):
    one, other = form_action(open_page(client, study)), form_action(open_page(client, study))
    client.post(one, posted())
    response = client.post(other, posted(confidence="1"))
    html = response.content.decode()
    assert response.status_code == 409
    assert re.search(r"How sure\?</th><td>fairly</td><td>guess</td>", html)
    assert Rating.objects.get().confidence == 3
    assert client.post(form_action(html), posted(confidence="1")).status_code == 200
    assert (Rating.objects.get().confidence, Rating.objects.get().version) == (1, 2)


def test_other_answers_under_one_id_are_422_and_the_same_ones_are_the_first_answer_again(client, study, reader):
    action = form_action(open_page(client, study))
    first, again = client.post(action, posted()), client.post(action, posted())
    assert first["X-Rating-Saved"] == again["X-Rating-Saved"]
    assert client.post(action, posted(confidence="1")).status_code == 422
    assert Rating.objects.get().confidence == 3


def test_back_shows_the_saved_answers(client, study, reader):
    client.post(form_action(open_page(client, study)), posted(comment="seen"))
    html = open_page(client, study)
    assert '?place=1"' in html
    html = open_page(client, study, "?place=1")
    assert len(CHOSEN.findall(html)) == 10
    assert "seen" in html
    client.post(form_action(html), posted(confidence="5"))
    assert (Rating.objects.get().confidence, Rating.objects.get().version) == (5, 2)
    assert [
        client.get(f"/reading/{study.slug}/?place={place}").status_code for place in ("2", "0", "x", "9" * 5000)
    ] == [404] * 4


def test_a_closed_study_refuses_in_words_and_shows_the_answer(client, study, reader):
    action = form_action(open_page(client, study))
    lifecycle.close_study(study, None)
    response = client.post(action, posted(comment="my finding"))
    assert response.status_code == 410
    assert "was not stored" in response.content.decode()
    assert "my finding" in response.content.decode()
    assert "It takes no more ratings" in open_page(client, study)


def test_a_break_comes_after_so_many_pairs_and_before_another_session(client):
    study = reading_study(pairs=3, break_every=1)
    client.force_login(study.readers.get().user)
    html = client.post(form_action(open_page(client, study)), posted()).content.decode()
    assert "Time for a break" in html
    assert "2 of 3" in open_page(client, study)


def test_the_list_shows_progress_and_where_to_go_on(client, study, reader):
    assert f"/reading/{study.slug}/instructions/" in client.get("/reading/").content.decode()
    client.post(form_action(open_page(client, study)), posted())
    page = client.get("/reading/").content.decode()
    assert "1 of 3 pairs rated" in page
    assert "Go on" in page
    assert "Look at" in client.get(f"/reading/{study.slug}/instructions/").content.decode()


def test_a_reader_is_done_when_all_that_can_still_be_rated_is_rated(client, study, reader):
    client.post(form_action(open_page(client, study)), posted())
    for pair in study.pairs.order_by("code")[1:]:
        Image.objects.filter(pk=pair.second_id).update(state="withdrawn", state_reason="a name in it")
    page = client.get("/reading/").content.decode()
    assert "1 of 1 pairs rated" in page
    assert "All rated" in page


def test_a_rating_of_a_pair_that_lost_an_image_later_counts(client, study, reader):
    client.post(form_action(open_page(client, study)), posted())
    Image.objects.filter(pk=study.pairs.get(code="P001").first_id).update(
        state="withdrawn", state_reason="a name in it"
    )
    assert "1 of 3 pairs rated" in client.get("/reading/").content.decode()


def test_an_address_that_was_an_answer_leads_to_the_study(client, study, reader):
    response = client.get(form_action(open_page(client, study)))
    assert response["Location"] == f"/reading/{study.slug}/"
