"""The figures as a reader of the page meets them: parts by address, files, the cache, and a page for each pair."""

import csv
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from django.urls import reverse

from radiorate.results import cached, complete, dataset, defects, filters, plots
from radiorate.results.filters import Filters
from tests import factories
from tests.conftest import eventually
from tests.results.test_complete import simulated

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def admin_client(client, db):
    client.force_login(factories.admin())
    return client


def get(client, study, path="", **query):
    return client.get(reverse("results:dashboard", args=[study.slug]) + path, query)


def test_a_part_has_the_numbers_of_its_own_ratings():
    whole = simulated(readers=4, pairs=20)
    part = filters.select(whole, Filters(reader="r1", generator="gen-a"))
    assert part.readers == ("r1",)
    assert {pair.generator for pair in part.pairs} == {"gen-a"}
    assert np.array_equal(part.scores[0, 0], whole.scores[0, 1, ::2])
    assert filters.select(whole, Filters()) is whole
    assert not filters.select(whole, Filters(reader="nobody")).readers
    found = complete.analyse(filters.select(whole, Filters(reader="nobody")))
    assert found["n"]["scores"] == 0


def test_a_session_leaves_the_readings_of_others_out():
    whole = simulated(readers=2, pairs=6)
    whole.session[:, 3:] = 2
    part = filters.select(whole, Filters(session="2"))
    assert [pair.code for pair in part.pairs] == ["p03", "p04", "p05"]
    assert filters.choices(whole)["session"] == ["1", "2"]


def test_drift_is_told_by_the_place_among_a_readers_own_answers():
    study = simulated(readers=5, pairs=40, gap=0.0)
    late = study.place >= 30
    study.scores[0][late] = 1
    first, *_, last = complete.analyse(study)["drift"]["quarter"]
    assert last["scores"]["anatomy"]["value"] == 1
    assert first["scores"]["anatomy"]["value"] > 2
    plot = plots.make("drift", plots.Source(complete.analyse(study)))
    assert "quarter" in plot.caption
    assert plots.make("drift", plots.Source(complete.analyse(simulated(readers=1, pairs=36)))) is None  # 9 a quarter


def test_marks_fall_into_cells_by_region_and_maker_and_a_box_by_its_centre():
    study = dataset.assemble(
        study="s",
        simulated=True,
        readers=["r"],
        pairs=[dataset.PairFacts("p", "gen", "hand")],
        criteria=[dataset.Scale("anatomy")],
        scores=[(0, 0, 0, 0, 3, 1, 0)],
        choices=(),
        marks=[(0, 0, 1, 0.0, 1.0), (0, 0, 1, 0.5, 0.5), (0, 0, 0, 0.99, 0.0)],
        tags=["seam", "seam", "joint"],
    )
    found = defects.count(study)
    assert found["by_tag"] == {"joint": {"real": 1, "synthetic": 0}, "seam": {"real": 0, "synthetic": 2}}
    real, synthetic = found["maps"]
    assert (real["generator"], real["cells"]) == ("real", [[11, 0, 1]])
    assert synthetic["cells"] == [[6, 6, 1], [0, 11, 1]]


def test_every_figure_is_a_file_with_title_description_and_source_and_its_numbers_another(admin_client, rated_study):
    study = rated_study(pairs=12, readers=3)
    page = get(admin_client, study).content.decode()
    drawn = re.findall(r"figures/([a-z]+)\.svg", page)
    assert {"difference", "accuracy", "distribution", "roc", "vgc", "severity", "timing", "flow"} <= set(drawn)
    for name in drawn:
        answer = get(admin_client, study, f"figures/{name}.svg")
        root = ElementTree.fromstring(answer.content)  # noqa: S314  (our own)
        assert root.tag == f"{SVG}svg"
        assert root.find(f"{SVG}title").text
        assert root.find(f"{SVG}desc").text
        assert "SIMULATED" in "".join(root.itertext())
        table = get(admin_client, study, f"figures/{name}.csv")
        assert len(list(csv.reader(io.StringIO(table.content.decode())))) > 1
        assert f"{study.slug}-simulated-{name}.csv" in table["Content-Disposition"]
    for name in ("nothing.svg", "difference.pdf", "difference"):
        assert get(admin_client, study, f"figures/{name}").status_code == 404


def test_an_address_names_a_part_for_page_and_files_alike(admin_client, rated_study):
    study = rated_study(pairs=12, readers=3)
    page = get(admin_client, study, reader="R2").content.decode()
    assert "Only R2" in page
    assert "difference.svg?reader=R2" in page
    rows = list(csv.reader(io.StringIO(get(admin_client, study, "figures/accuracy.csv", reader="R2").content.decode())))
    assert [row[0] for row in rows] == ["Reader", "R2", "All"]


def test_a_sealed_study_has_no_figure_by_origin_and_no_parts(admin_client, rated_study):
    study = rated_study(pairs=12, readers=3, closed=False)
    given = {name for name in plots.names() if get(admin_client, study, f"figures/{name}.svg").status_code == 200}
    assert given == {"flow", "timing"}  # a new figure has to be thought about here
    token = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')
    one, whole = (token.sub(b"", get(admin_client, study, **query).content) for query in ({"reader": "R1"}, {}))
    assert one == whole


def test_an_analysis_is_kept_until_an_answer_comes(rated_study, monkeypatch):
    from radiorate.results import simulation
    from radiorate.studies import enrolment, lifecycle

    study = rated_study(pairs=3, readers=2, closed=False)
    lifecycle.unseal(study, factories.admin(), "a test")
    study.refresh_from_db()
    first = cached.ask(study, Filters())
    enrolment.enrol(study, factories.user())
    simulation.simulate(study, 3)
    assert cached.ask(study, Filters()).found["n"]["readers"] == 3
    monkeypatch.setattr(cached, "make", None)  # from here on nothing can be computed
    assert cached.ask(study, Filters()).found["n"]["readers"] == 3
    assert first.found["n"]["readers"] == 2


@pytest.mark.django_db(transaction=True)
def test_a_large_analysis_is_a_workers_and_the_page_shows_how_far_it_is(client, rated_study, start_worker, monkeypatch):
    monkeypatch.setattr(cached, "MOST_AT_ONCE", 0)
    study = rated_study(pairs=10, readers=3)
    client.force_login(factories.admin())
    page = get(client, study).content.decode()
    assert "<progress" in page
    assert "every 1s" in page
    assert get(client, study, "figures/difference.svg").status_code == 503
    start_worker()
    eventually(lambda: isinstance(cached.ask(study, Filters()), cached.Answer))
    assert "synthetic minus real" in get(client, study).content.decode()


def test_a_pair_has_its_images_and_all_answers_once_the_study_is_closed(admin_client, rated_study):
    study = rated_study(pairs=3, readers=2, closed=False)
    pair = study.pairs.first()
    for path in ("pairs/", f"pairs/{pair.code}/"):
        assert get(admin_client, study, path).status_code == 404
    closed = rated_study(pairs=3, readers=2)
    pair = closed.pairs.first()
    assert pair.code in get(admin_client, closed, "pairs/").content.decode()
    page = get(admin_client, closed, f"pairs/{pair.code}/").content.decode()
    for shown in (
        "R1, session 1",
        "R2, session 1",
        "Anatomy, real",
        "Anatomy, synthetic",
        str(pair.first_id),
        "SIMULATED",
    ):
        assert shown in page


def test_the_overview_says_of_each_pair_what_its_readings_say(rated_study):
    from radiorate.reading.models import Score
    from radiorate.results import showings

    study = rated_study(pairs=3, readers=3)
    for row in showings.overview(study):
        scores = Score.objects.filter(rating__assignment__pair=row["pair"], value__isnull=False)
        real = [each.value for each in scores if each.side == each.rating.assignment.first_side]
        assert row["real"] == pytest.approx(np.mean(real))
        assert row["readings"] == 3


def test_refusals_are_counted_by_generator_and_finding(db):
    from radiorate.results import summary

    study = factories.open_study(3, 1)
    batch = factories.batch(0, collection=study.synthetic_collections.get())
    for state, pathology in (
        ("refused", "fracture"),
        ("succeeded", "fracture"),
        ("refused", ""),
        ("failed", "fracture"),
    ):
        factories.job(batch, state=state, pathology=pathology)
    plot = plots.make("refusals", plots.Source({}, flow=summary.flow(study)))
    name = batch.generator.name
    assert [row[:3] for row in plot.table.rows] == [[f"{name}: no finding named", 1, 1], [f"{name}: fracture", 1, 2]]
