"""Simulated ratings: only where a study says so, by a reader's path, plausible and repeatable."""

import numpy as np
import pytest

from tests import factories


def test_a_study_of_people_is_refused_and_nothing_written(db):
    from radiorate.reading.models import Presentation
    from radiorate.results import simulation

    study = factories.open_study(2, 1)
    with pytest.raises(simulation.NotSimulated):
        simulation.simulate(study, 1)
    assert not Presentation.objects.exists()


def test_every_assignment_gets_a_rating_with_the_event_a_reader_would_leave(rated_study):
    from radiorate.reading.models import Rating, RatingEvent
    from radiorate.studies.models import Assignment

    rated_study(pairs=6, readers=3, repeat_share="0.5", control_share="0.5")
    assert Rating.objects.count() == RatingEvent.objects.count() == Assignment.objects.count() > 18
    seconds = np.array(Rating.objects.values_list("seconds", flat=True), dtype=float)
    assert 15 < np.median(seconds) < 100


def test_simulated_readers_find_synthetic_images_worse_and_repeat_themselves(rated_study):
    from radiorate.results import analysis, dataset

    found = analysis.analyse(dataset.load(rated_study(pairs=24, readers=5, repeat_share="0.5")))
    anatomy = found["criteria"]["anatomy"]
    assert anatomy["difference"]["value"] > 0.3
    assert found["discrimination"]["accuracy"]["value"] > 0.55
    assert anatomy["repeatability"]["weighted_kappa"] > 0.4
    assert found["n"]["not_assessable"] > 0
