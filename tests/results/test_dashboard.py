"""The dashboard: who may see it, what it keeps back while sealed, and that its numbers are those of the files."""

import re

import pgtrigger
import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import expect

from radiorate.reading.models import Rating
from tests import factories

TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="[^"]+"')


@pytest.fixture
def admin_client(client, db):
    client.force_login(factories.admin())
    return client


def look(client, study, **headers):
    answer = client.get(reverse("results:dashboard", args=[study.slug]), headers=headers)
    assert answer.status_code == 200
    return TOKEN.sub(b"", answer.content)


def swap_origins(study):
    """Let the two images of every other pair change places: what was real is synthetic; readers saw the same."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        pairs = list(study.pairs.order_by("code").values_list("pk", flat=True))[::2]
        cursor.execute("UPDATE studies_pair SET first_id = second_id, second_id = first_id WHERE id = ANY(%s)", [pairs])
        cursor.execute(
            "UPDATE studies_assignment SET first_side = CASE first_side WHEN 'left' THEN 'right' ELSE 'left' END"
            " WHERE pair_id = ANY(%s)",
            [pairs],
        )


@pytest.mark.parametrize("name", ["results:dashboard", "results:unseal", "results:export"])
def test_readers_are_refused_and_strangers_sent_to_sign_in(client, rated_study, name):
    study = rated_study(pairs=2, readers=1, closed=False)
    url = reverse(name, args=[study.slug, "ratings"] if name.endswith("export") else [study.slug])
    ask = client.post if name.endswith("unseal") else client.get
    assert ask(url).status_code == 302
    client.force_login(study.readers.first().user)
    assert ask(url).status_code == 403
    study.refresh_from_db()
    assert study.is_sealed


def test_a_study_or_file_that_is_not_there_is_not_found(admin_client, rated_study):
    study = rated_study(pairs=2, readers=1)
    assert admin_client.get(reverse("results:dashboard", args=["nothing"])).status_code == 404
    assert admin_client.get(reverse("results:export", args=[study.slug, "nothing"])).status_code == 404


def test_a_sealed_page_is_the_same_bytes_when_real_and_synthetic_change_places(admin_client, rated_study):
    study = rated_study(pairs=12, readers=3, closed=False)
    before = look(admin_client, study), look(admin_client, study, HX_Request="true")
    swap_origins(study)
    assert (look(admin_client, study), look(admin_client, study, HX_Request="true")) == before


def test_control_an_unsealed_page_changes_with_the_origins(admin_client, rated_study):
    from radiorate.studies import lifecycle

    study = rated_study(pairs=12, readers=3, closed=False)
    lifecycle.unseal(study, factories.admin(), "a control")
    before = look(admin_client, study)
    swap_origins(study)
    assert look(admin_client, study) != before


def test_a_sealed_page_shows_progress_timing_and_agreement_and_no_comparison(admin_client, rated_study):
    study = rated_study(pairs=12, readers=3, closed=False)
    page = look(admin_client, study).decode()
    for shown in ("36 / 36", "median time a pair", "Krippendorff alpha", "R3", "Unseal"):
        assert shown in page
    for hidden in ("synthetic minus real", "Which one is real?", "Scores given", "export/ratings"):
        assert hidden not in page


def test_unsealing_wants_a_reason_and_the_audit_keeps_it(admin_client, rated_study):
    from radiorate.accounts.models import AuditEntry

    study = rated_study(pairs=12, readers=3, closed=False)
    url = reverse("results:unseal", args=[study.slug])
    admin_client.post(url, {"reason": "  "})
    study.refresh_from_db()
    assert study.is_sealed
    admin_client.post(url, {"reason": "a reader withdrew"})
    study.refresh_from_db()
    assert not study.is_sealed
    assert AuditEntry.objects.get(action="results.unsealed").reason == "a reader withdrew"
    assert "synthetic minus real" in look(admin_client, study).decode()


def test_a_sealed_file_is_refused_in_words_and_a_closed_one_streams(admin_client, rated_study):
    from radiorate.studies import lifecycle

    study = rated_study(pairs=2, readers=1, closed=False)
    url = reverse("results:export", args=[study.slug, "ratings.csv"])
    answer = admin_client.get(url)
    assert answer.status_code == 409
    assert "is sealed" in answer.content.decode()
    lifecycle.close_study(study, None)
    answer = admin_client.get(url)
    assert answer["Content-Disposition"] == f'attachment; filename="{study.slug}-simulated-ratings.csv"'
    assert b"".join(answer.streaming_content).startswith(b"study,reader,session,pair,")


def test_the_key_asks_for_a_reason_before_it_leaves(admin_client, rated_study):
    study = rated_study(pairs=2, readers=1)
    url = reverse("results:export", args=[study.slug, "key"])
    assert "Why is key.csv needed?" in admin_client.get(url).content.decode()
    assert "Why is key.csv needed?" in admin_client.post(url, {"reason": " "}).content.decode()
    assert b"image_id" in b"".join(admin_client.post(url, {"reason": "to publish"}).streaming_content)


@pytest.mark.django_db(transaction=True)
def test_the_numbers_of_the_page_are_those_of_the_exported_files(rated_study, tmp_path):
    from radiorate.results import complete, dashboard, exporting, table

    study = rated_study(pairs=16, readers=4)
    exporting.write(study, tmp_path / "out")
    found = complete.analyse(table.read(tmp_path / "out"))
    page = dashboard.page(study)
    for row, criterion in zip(page["top"]["difference"].figure.marks, found["criteria"].values(), strict=True):
        assert -row.row.value == criterion["difference"]["value"]
        assert [-row.row.high, -row.row.low] == [criterion["difference"][key] for key in ("low", "high")]
    for mark in page["top"]["accuracy"].figure.marks[:-1]:
        assert mark.row.value == found["discrimination"]["by_reader"][mark.row.label]["value"]
    accuracy = found["discrimination"]["accuracy"]
    assert page["cards"][2].value == f"{100 * accuracy['value']:.0f} %"
    alphas = [
        criterion["agreement"]["all"]["krippendorff_ordinal"]["value"] for criterion in found["criteria"].values()
    ]
    assert [float(row[1].split()[0].replace("−", "-")) for row in page["agreement"].rows] == [
        pytest.approx(alpha, abs=0.005) for alpha in alphas
    ]


def test_the_number_of_queries_depends_on_neither_readers_nor_pairs(rated_study, django_assert_num_queries):
    from django.test.utils import CaptureQueriesContext

    from radiorate.results import dashboard

    few, many = rated_study(pairs=3, readers=1), rated_study(pairs=12, readers=4)
    with CaptureQueriesContext(connection) as asked:
        dashboard.page(few)
    with django_assert_num_queries(len(asked)):
        dashboard.page(many)


def test_an_open_study_says_that_its_figures_will_change(admin_client, db):
    from radiorate.results import simulation
    from radiorate.studies import enrolment, lifecycle

    study = factories.open_study(12, 2, simulated=True)
    simulation.simulate(study, 1)
    study.refresh_from_db()
    enrolment.enrol(study, factories.user())
    lifecycle.unseal(study, factories.admin(), "a test")
    page = look(admin_client, study).decode()
    assert "24 of 36 ratings, will change" in page
    assert "24 / 36" in page
    assert "every 30s" in page


def test_a_closed_study_is_not_asked_for_again(admin_client, rated_study):
    assert "every 30s" not in look(admin_client, rated_study(pairs=2, readers=1)).decode()


def test_few_pairs_have_counts_and_no_estimate(admin_client, rated_study):
    page = look(admin_client, rated_study(pairs=6, readers=3)).decode()
    assert "6 pairs: too few" in page
    assert not re.search(r"[+−]\d\.\d\d \[", page)


@pytest.mark.parametrize(
    ("readers", "words"),
    [
        (1, "this reader, cases random"),
        (2, "these 2 readers, cases random"),
        (3, "readers and cases random, but R = 3: the interval rests on 2 degrees of freedom for readers"),
    ],
)
def test_an_interval_says_what_it_generalises_to(admin_client, rated_study, readers, words):
    page = look(admin_client, rated_study(pairs=12, readers=readers)).decode()
    assert words in page
    assert ("no interval is honest" in page) == (readers == 2)


def test_simulated_ratings_are_called_so_on_the_page(admin_client, rated_study):
    assert "SIMULATED" in look(admin_client, rated_study(pairs=2, readers=1)).decode()


@pytest.mark.parametrize("state", ["draft", "open"])
def test_a_study_nobody_has_rated_yet_has_a_page(admin_client, state):
    study = factories.study(2) if state == "draft" else factories.open_study(2, 1)
    assert "median time a pair" in look(admin_client, study).decode()


def test_the_fragment_has_one_root_and_nothing_around_it(admin_client, rated_study):
    text = look(admin_client, rated_study(pairs=12, readers=2), HX_Request="true").decode().strip()
    assert text.startswith('<div id="results"')
    assert text.endswith("</div>")
    assert "<html" not in text


def test_the_flow_accounts_for_every_order(db):
    from radiorate.results import summary

    study = factories.open_study(3, 1)
    batch = factories.batch(0, collection=study.synthetic_collections.get())
    for state in ("succeeded", "succeeded", "refused", "failed", "cancelled", "unknown", "queued"):
        factories.job(batch, state=state)
    found = summary.flow(study)
    assert found.ordered == 7
    assert found.orders["succeeded"] == 2
    assert found.images == {origin: {("not_rated", ""): 3} for origin in ("real", "synthetic")}


def test_the_flow_tells_of_each_image_once_where_it_left_and_why(rated_study):
    from radiorate.images import lifecycle as images
    from radiorate.results import plots, summary
    from radiorate.studies import lifecycle as studies

    study = rated_study(5, 1, closed=False)
    spare = [factories.image(study.synthetic_collections.get()) for _ in range(3)]
    for image, ground in zip(spare, ("unreadable", "near_copy", ""), strict=True):
        if ground:
            images.withdraw(image, None, ground=ground)
    rated, out, partly, waiting, wished = study.pairs.order_by("pk")
    Rating.objects.filter(assignment__pair__in=(partly, waiting, wished)).delete()
    images.withdraw(rated.second, None, ground="unreadable")  # too late: what was said of it counts
    studies.withdraw_pair(study, out.code, None, "cut off")  # its ratings count no more
    images.withdraw(partly.second, None, ground="technical_fault")
    images.withdraw(wished.first, None, "asked by mail", "consent")
    plot = plots.make("flow", plots.Source({}, flow=summary.flow(study)))
    told = {(origin, stage): (count, lost) for stage, origin, count, lost in plot.table.rows}
    assert told == {
        ("real", "In the collections"): (5, ""),
        ("real", "In pairs"): (
            5,
            "1 the patient's wish, or consent taken back; 2 in a withdrawn pair; 1 not rated",
        ),
        ("real", "Rated"): (1, ""),
        ("synthetic", "In the collections"): (8, "1 near-copy of a real image; 1 unreadable; 1 not drawn"),
        ("synthetic", "In pairs"): (5, "2 in a withdrawn pair; 1 technical fault; 1 not rated"),
        ("synthetic", "Rated"): (1, ""),
    }


@pytest.mark.django_db(transaction=True)
def test_the_page_fits_is_accessible_and_refreshes_without_closing_what_is_open(rated_study, start_web, client, page):
    from axe_playwright_python.sync_playwright import Axe

    from radiorate.results import simulation
    from radiorate.studies import enrolment, lifecycle

    study = rated_study(pairs=14, readers=4, closed=False, repeat_share="0.2")
    lifecycle.unseal(study, factories.admin(), "a test")
    client.force_login(factories.admin())
    web = start_web()
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": web.url}])
    page.clock.install()
    for width, height, scheme in ((1366, 768, "dark"), (2560, 1440, "light")):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{web.url}{reverse('results:dashboard', args=[study.slug])}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        tables = "[...document.querySelectorAll('.halves > .card > .table-scroll')]"
        clipped = f"{tables}.filter(e => e.scrollWidth > e.clientWidth).length"
        assert page.evaluate(clipped) == 0
        assert Axe().run(page).response["violations"] == []

    page.locator("#difference summary, section summary").first.click()
    table = page.get_by_role("region", name="Score, synthetic minus real, table")
    expect(table).to_be_visible()
    enrolment.enrol(study, factories.user())
    simulation.simulate(study, 7)
    rated = study.readers.count() * (len(study.readers.first().assignments.all()))
    page.clock.fast_forward(31_000)
    page.get_by_text(f"{rated} / {rated}").wait_for()
    expect(table).to_be_visible()
