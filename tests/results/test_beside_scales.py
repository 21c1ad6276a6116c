"""Counts and preferences in the analysis: beside the scales, never among them, the same from SQL and from CSV."""

import json

import numpy as np
import pytest
from django.urls import reverse

from radiorate.reading.models import Score
from radiorate.results import analysis, complete, dataset, exporting, filters, plots, showings, table, tables
from radiorate.results.dataset import BOTH, LEFT, RIGHT
from radiorate.studies import rubrics
from tests import factories


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
    chosen = found.preferred["better_overall"]
    real = (chosen == np.where(found.real_is_left, LEFT, RIGHT)).sum()
    tie = (chosen == BOTH).sum()
    assert told["better_overall"]["answers"] == {
        generator: {"pairs": 12, "real": real, "synthetic": chosen.size - real - tie, "tie": tie}
    }


@pytest.mark.django_db
def test_a_filter_cuts_them_like_the_scores(rated_study):
    found = dataset.load(rated_study(rubric=rubrics.load("radiographs-counts")))
    one = filters.select(found, filters.Filters(reader=found.readers[1]))
    np.testing.assert_array_equal(one.counted["long_bones"][0], found.counted["long_bones"][1])


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "heading"), [("counts", "Counts"), ("preference", "Preferences")])
def test_the_page_has_a_table_of_them_where_the_study_asks_and_is_unsealed(client, rated_study, name, heading):
    asking = {"rubric": rubrics.load(f"radiographs-{name}")}
    client.force_login(factories.admin())
    for study, is_told in (
        (rated_study(**asking), True),
        (rated_study(), False),
        (rated_study(closed=False, **asking), False),
    ):
        page = client.get(reverse("results:dashboard", args=[study.slug])).content.decode()
        assert (f">{heading}</h2>" in page) == is_told


@pytest.mark.django_db
def test_the_tables_say_the_numbers_of_the_analysis_and_no_estimate_of_few_pairs(rated_study):
    for pairs in (12, 6):
        found = complete.analyse(dataset.load(rated_study(pairs, rubric=rubrics.load("radiographs-counts"))), 1, 50)
        count = found["counted"]["long_bones"]
        (row,) = tables.counts(plots.Source(found)).rows
        for cell, told in zip(row[1:3], count["by_origin"].values(), strict=True):
            assert cell.endswith(f"; {told['right']} of {told['n']}")
            assert cell.startswith(f"{100 * told['share']['value']:.0f} %" if pairs == 12 else "— 6 pairs: too few")
        study = rated_study(pairs, rubric=rubrics.load("radiographs-preference"))
        found = complete.analyse(dataset.load(study), 1, 50)
        asked = found["preference"]["by_criterion"]
        rows = tables.preferences(plots.Source(found)).rows
        assert len(rows) == len(asked)
        for row, each in zip(rows, asked.values(), strict=True):
            (told,) = each["answers"].values()
            assert row[2:6] == [told[word] for word in ("pairs", "real", "tie", "synthetic")]
            assert (row[6] == "—") == (pairs == 6)


@pytest.mark.django_db
def test_the_page_of_a_pair_names_the_image_preferred(rated_study):
    study = rated_study(pairs=3, readers=3, rubric=rubrics.load("radiographs-preference"))
    for pair in study.pairs.all():
        answers = showings.page(study, pair)["answers"]
        shown = [row[answers.head.index("Overall, pair")] for row in answers.rows]
        scores = Score.objects.filter(rating__assignment__pair=pair, criterion__key="better_overall")
        told = {1: ("real", "synthetic"), 2: ("equal", "equal"), 3: ("synthetic", "real")}
        for word, score in zip(shown, scores.order_by("rating__assignment__reader__number"), strict=True):
            assert word == told[score.value][score.rating.assignment.first_side == "right"]
