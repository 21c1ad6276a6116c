"""The page without scripts, as a plain HTTP client meets it."""

import re

import pytest

from radiorate.reading.models import Rating
from tests.reading.scene import posted, reading_study

pytestmark = pytest.mark.django_db


def form_action(html: str) -> str:
    (action,) = re.findall(r'<form [^>]*action="([^"]+)"', html)
    return action


def test_a_client_that_fills_the_one_form_rates_the_whole_study(client):
    reader = reading_study(pairs=3).readers.get()
    client.force_login(reader.user)
    page = client.get(f"/reading/{reader.study.slug}/")
    for number in range(1, 4):
        html = page.content.decode()
        assert html.count("<form") == 1
        assert f"{number} of 3" in html
        action = form_action(html)
        page = client.post(action, posted())
        assert page.status_code == 200, page.content.decode()
        assert page["X-Rating-Saved"] in action
    assert "That was the last pair" in page.content.decode()
    assert Rating.objects.count() == 3


def test_both_images_of_a_showing_are_served_until_it_is_answered(client):
    reader = reading_study(pairs=2).readers.get()
    client.force_login(reader.user)
    html = client.get(f"/reading/{reader.study.slug}/").content.decode()
    addresses = re.findall(r'data-viewer="([^"]+)"', html)
    assert [client.get(address).status_code for address in addresses] == [200, 200]
    client.post(form_action(html), posted())
    assert [client.get(address).status_code for address in addresses] == [404, 404]
