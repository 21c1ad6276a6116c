"""Counts and preferences in the analysis: beside the scales, never among them, the same from SQL and from CSV."""

import json

import numpy as np
import pytest

from radiorate.results import analysis, complete, dataset, exporting, filters, table
from radiorate.results.dataset import BOTH, LEFT, RIGHT
from radiorate.studies import rubrics


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["radiographs-counts", "radiographs-preference"])
def test_an_export_gives_the_same_analysis_as_the_study(name, rated_study, tmp_path):
    study = rated_study(rubric=rubrics.load(name), repeat_share="0.25")
    exporting.write(study, tmp_path / "out")
    from_files = complete.analyse(table.read(tmp_path / "out"), resamples=50)
    from_database = complete.analyse(dataset.load(study), resamples=50)
    assert json.dumps(from_files, sort_keys=True) == json.dumps(from_database, sort_keys=True)
    assert sorted(from_files["criteria"]) == ["anatomy", "artifacts", "collimation", "joint_fidelity"]


@pytest.mark.django_db
def test_counts_are_shares_of_right_numbers(rated_study):
    found = dataset.load(rated_study(rubric=rubrics.load("radiographs-counts")))
    right = found.counted["long_bones"]
    assert right.shape == (4, 12, 2)
    told = analysis.analyse(found, resamples=50)["counted"]["long_bones"]
    for origin, column in (("real", 0), ("synthetic", 1)):
        cells = right[:, :, column]
        assert told["by_origin"][origin]["n"] == np.isfinite(cells).sum()
        assert told["by_origin"][origin]["right"] == (cells == 1).sum()
        assert told["by_origin"][origin]["share"]["value"] == pytest.approx(np.nanmean(cells))


@pytest.mark.django_db
def test_preferences_are_ranked_each_by_itself(rated_study):
    found = dataset.load(rated_study(rubric=rubrics.load("radiographs-preference")))
    assert set(np.unique(found.preferred["better_overall"])) <= {LEFT, RIGHT, BOTH}
    told = complete.analyse(found, resamples=50)["preference"]["by_criterion"]
    assert sorted(told) == sorted(found.preferred)
    (generator,) = set(told["better_overall"]["abilities"]) - {"real"}
    assert told["better_overall"]["abilities"][generator] < 0  # simulated readers prefer the real image


@pytest.mark.django_db
def test_a_filter_cuts_them_like_the_scores(rated_study):
    found = dataset.load(rated_study(rubric=rubrics.load("radiographs-counts")))
    one = filters.select(found, filters.Filters(reader=found.readers[1]))
    np.testing.assert_array_equal(one.counted["long_bones"][0], found.counted["long_bones"][1])
