"""The benchmarks write their rows past the models, so a new column must not break them unseen."""

import pytest

from bench import dashboard
from radiorate.reading.models import Score
from radiorate.results import cached
from radiorate.results.filters import Filters

pytestmark = pytest.mark.django_db


def test_the_study_of_the_benchmarks_is_one_that_can_be_analysed():
    study = dashboard.fill(readers=2, pairs=12)
    assert Score.objects.count() == 2 * 12 * 2 * 4
    answer = cached.make(study, Filters())
    assert answer.found["n"]["pairs"] == 12
