"""Which pair comes next, and what a showing's tokens open."""

import hashlib
import re

import pytest

from radiorate.images.models import Image
from radiorate.reading import presentation, submission
from radiorate.reading.models import Presentation
from radiorate.studies.models import Reader
from tests import factories
from tests.reading.scene import answers, plan, reading_study

pytestmark = pytest.mark.django_db
CSRF = re.compile(r'(?<=csrfmiddlewaretoken" value=")\w+')


def reader_of(study) -> Reader:
    return Reader.objects.select_related("study").get(study=study)


def test_pairs_come_by_session_and_position_and_a_reload_shows_the_same():
    study = reading_study(pairs=2, readers=0)
    first, second = study.pairs.order_by("code")
    reader = factories.reader(study)
    plan(reader, [first], session=2)
    plan(reader, [second], session=1)
    seen = []
    while (shown := presentation.next_for(reader)) is not None:
        again = presentation.next_for(reader)
        assert again.assignment == shown.assignment
        assert again.left_token != shown.left_token
        place = presentation.progress(shown)
        seen.append((shown.assignment.pair, place.place, place.total))
        submission.submit(shown, answers(), {})
    assert seen == [(second, 1, 2), (first, 2, 2)]


def test_the_showing_loaded_ahead_is_the_next_one():
    reader = reader_of(reading_study(pairs=3))
    first = presentation.next_for(reader)
    ahead = presentation.after(first)
    assert ahead.assignment.position == 2
    assert presentation.next_for(reader, ahead=ahead.pk).pk != ahead.pk  # the first pair is still due
    submission.submit(first, answers(), {})
    assert presentation.next_for(reader, ahead=ahead.pk).pk == ahead.pk


def test_a_showing_of_another_reader_is_never_taken_for_the_one_ahead():
    study = reading_study(pairs=2, readers=2)
    one, other = Reader.objects.select_related("study").filter(study=study)
    foreign = presentation.next_for(other)
    assert presentation.next_for(one, ahead=foreign.pk).pk != foreign.pk


def test_a_pair_that_lost_an_image_is_passed_over():
    study = reading_study(pairs=2)
    Image.objects.filter(pk=study.pairs.first().second_id).update(state="withdrawn", state_reason="a name in it")
    shown = presentation.next_for(reader_of(study))
    assert shown.assignment.position == 2
    assert presentation.progress(shown).total == 1


def test_each_side_shows_the_image_planned_for_it():
    study = reading_study(pairs=2)
    reader = reader_of(study)
    for _ in range(2):
        shown = presentation.next_for(reader)
        left = presentation.rendition(reader.user, shown.left_token)
        right = presentation.rendition(reader.user, shown.right_token)
        assert (left.image, right.image) == (shown.assignment.left, shown.assignment.right)
        submission.submit(shown, answers(), {})


def test_only_a_rated_pair_can_be_opened_again():
    study = reading_study(pairs=2)
    reader = reader_of(study)
    submission.submit(presentation.next_for(reader), answers(), {})
    assert presentation.again(reader, 1).version == 1
    assert [presentation.again(reader, place) for place in (0, 2, 3)] == [None, None, None]


class TestImages:
    def test_all_images_have_the_same_headers_and_length(self, client):
        study = reading_study(pairs=2)
        client.force_login(reader_of(study).user)
        headers = set()
        for _ in range(2):
            shown = presentation.next_for(reader_of(study))
            for token in (shown.left_token, shown.right_token):
                response = client.get(f"/reading/image/{token}.png")
                data = b"".join(response.streaming_content)
                rendition = presentation.rendition(reader_of(study).user, token)
                assert hashlib.sha256(data).hexdigest() == rendition.sha256
                headers.add(str(sorted(response.headers.items())))
            submission.submit(shown, answers(), {})
        (only,) = headers
        assert "no-store" in only
        for telling in ("ETag", "Last-Modified", "Content-Disposition"):
            assert telling not in only

    def test_a_missing_file_is_one_neutral_answer(self, client):
        study = reading_study(pairs=1)
        reader = reader_of(study)
        client.force_login(reader.user)
        shown = presentation.next_for(reader)
        found = set()
        for token in (shown.left_token, shown.right_token):
            file = presentation.rendition(reader.user, token).file
            file.storage.delete(file.name)
            response = client.get(f"/reading/image/{token}.png")
            found.add((response.status_code, response.content, str(sorted(response.headers.items()))))
        ((status, body, _),) = found
        assert (status, body) == (503, b"This image cannot be shown.")


class TestPermissions:
    def test_what_belongs_to_another_reader_answers_like_what_does_not_exist(self, client):
        study = reading_study(pairs=1, readers=2)
        one, other = Reader.objects.select_related("study", "user").filter(study=study)
        shown = presentation.next_for(other)
        client.force_login(one.user)
        missing = Presentation()
        for there, nowhere in [
            (f"/reading/image/{shown.left_token}.png", f"/reading/image/{missing.left_token}.png"),
            (f"/reading/{shown.pk}/", f"/reading/{missing.pk}/"),
        ]:
            assert client.get(there).status_code == client.get(nowhere).status_code == 404
            assert client.post(f"/reading/{shown.pk}/").status_code == 404
            bodies = {CSRF.sub("~", client.get(address).content.decode()) for address in (there, nowhere)}
            assert len(bodies) == 1

    @pytest.mark.parametrize("path", ["", "{slug}/", "{slug}/instructions/", "image/x.png"])
    def test_admins_never_read_and_strangers_sign_in(self, client, path):
        study = reading_study(pairs=1)
        address = "/reading/" + path.format(slug=study.slug)
        assert client.get(address).status_code == 302
        assert client.get(address, headers={"HX-Request": "true"}).status_code == 401
        client.force_login(factories.admin())
        assert client.get(address).status_code == 403

    def test_a_reader_of_another_study_finds_nothing_here(self, client):
        study, elsewhere = reading_study(pairs=1), reading_study(pairs=1)
        client.force_login(reader_of(elsewhere).user)
        assert client.get(f"/reading/{study.slug}/").status_code == 404

    def test_a_draft_is_not_there(self, client):
        draft = factories.study()
        reader = factories.reader(draft)
        client.force_login(reader.user)
        assert plan(reader, []) == []
        assert client.get(f"/reading/{draft.slug}/").status_code == 404
        assert draft.title not in client.get("/reading/").content.decode()
