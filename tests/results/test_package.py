"""The study package and the report: the dashboard's numbers, files other programs read, nothing outside needed."""

import csv
import hashlib
import io
import json
import re
import tomllib
import zipfile
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest

from radiorate.results import analysis, interchange, plots, report
from radiorate.results.complete import analyse
from tests import factories
from tests.results.test_complete import simulated

SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


@pytest.fixture(scope="module")
def study():
    return simulated(readers=3, pairs=12)


def expected(study):
    """{(reader, case): rating} as every file must say."""
    real_first = study.scores[0].reshape(len(study.readers), -1)
    return {(reader + 1, case + 1): 5 - value for (reader, case), value in np.ndenumerate(real_first)}


def test_imrmc_reads_back_what_was_rated(study):
    text = interchange.files(study)["imrmc.imrmc"].decode()
    head, body = text.split("BEGIN DATA:\n")
    told = dict(re.findall(r"^(NR|N0|N1|NM): (\d+)$", head, re.M))
    assert told == {"NR": "3", "N0": "12", "N1": "12", "NM": "1"}
    assert "SIMULATED" in head
    rows = [tuple(map(int, line.split(","))) for line in body.splitlines()]
    truth = {case: value for reader, case, modality, value in rows if reader == -1 and modality == 0}
    assert [truth[case] for case in (1, 2, 3, 4)] == [0, 1, 0, 1]
    assert {(reader, case): value for reader, case, _, value in rows if reader > 0} == expected(study)


def test_mrmcaovs_table_gives_the_areas_of_the_grades(study):
    rows = list(csv.DictReader(io.StringIO(interchange.files(study)["mrmcaov.csv"].decode())))
    assert list(rows[0])[:5] == ["reader", "treatment", "case", "truth", "rating"]
    columns = {"reader": "reader", "case": "case", "modality": "treatment", "truth": "truth", "score": "rating"}
    frame = {name: [row[column] for row in rows] for name, column in columns.items()}
    frame["truth"], frame["score"] = (np.array(frame[name], dtype=float) for name in ("truth", "score"))
    area = mrmc_means(frame)
    vgc = analyse(study)["criteria"]["anatomy"]["vgc"]["auc"]
    assert area == pytest.approx(1 - vgc, abs=1e-9)  # worse grades speak for synthetic


def mrmc_means(frame):
    import pandas as pd

    from radiorate.results.statistics import multireader

    return multireader.ustatistic_auc(pd.DataFrame(frame))["means"]["anatomy"]["value"]


def sheets(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = ElementTree.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314  (our own)
        names = [sheet.get("name") for sheet in book.iter(f"{SHEET}sheet")]
        found = {}
        for number, name in enumerate(names, 1):
            root = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{number}.xml"))  # noqa: S314
            found[name] = [
                [cell.findtext(f"{SHEET}v") or cell.findtext(f"{SHEET}is/{SHEET}t") for cell in row]
                for row in root.iter(f"{SHEET}row")
            ]
    return found


def test_rjafrocs_sheets_read_back_what_was_rated(study):
    data = interchange.files(study)["rjafroc.xlsx"]
    assert data == interchange.files(study)["rjafroc.xlsx"]
    found = sheets(data)
    assert list(found) == ["TRUTH", "FP", "TP"]
    assert [row[5] for row in found["TRUTH"][:3]] == ["Paradigm", "ROC", "FCTRL"]
    assert {row[3] for row in found["TRUTH"][1:]} == {"1, 2, 3"}
    ratings = {(int(row[0]), int(row[2])): int(row[3]) for row in found["FP"][1:]}
    ratings |= {(int(row[0]), int(row[2])): int(row[4]) for row in found["TP"][1:]}
    assert ratings == expected(study)
    truth = {int(row[0]): row[1] for row in found["TRUTH"][1:]}
    assert all(truth[int(row[2])] == "1" for row in found["TP"][1:])


def test_a_program_that_takes_no_missing_cell_gets_complete_cases_alone():
    holed = simulated(readers=3, pairs=12)
    holed.scores[0, 1, 4, 0] = np.nan
    assert len(interchange.readings(holed).cases) == 24
    found = interchange.complete(interchange.readings(holed))
    assert len(found.cases) == 23
    assert "p04-real" not in found.cases
    assert len(found.rating) == 3 * 23


def test_a_rubric_without_scales_gives_files_and_a_report_too(study):
    bare = replace(study, criteria=(), scores=study.scores[:0], status=study.status[:0])
    assert b"NM: 0\n" in interchange.files(bare)["imrmc.imrmc"]
    assert len(sheets(interchange.files(bare)["rjafroc.xlsx"])["TP"]) == 1
    assert "Which one is real?" in report.html(plots.Source(analyse(bare)), "A study")


def test_a_report_holds_everything_and_asks_for_nothing(study):
    page = report.html(plots.Source(analyse(study)), "A study")
    assert not re.search(r"<script|<link|@import|url\(|\bsrc=", page)
    assert set(re.findall(r'href="([^"]*)"', page)) == set()
    for shown in (
        "SIMULATED",
        "Score, synthetic minus real",
        "ROC of the confidence",
        "seed 1",
        "numpy",
        "<svg",
        "By generator",
    ):
        assert shown in page


@pytest.mark.django_db(transaction=True)
def test_the_command_writes_the_report_beside_its_numbers(rated_study, run_command, tmp_path):
    study = rated_study(pairs=8, readers=3)
    assert run_command("export", study.slug, "--out", str(tmp_path / "study")).returncode == 0
    ratings = tmp_path / "study" / "ratings.csv"
    answer = run_command("analyse", str(ratings), "--json", "--report", str(tmp_path / "out.html"), "--resamples", "50")
    assert answer.returncode == 0, answer.stderr
    assert json.loads(answer.stdout)["format"] == analysis.FORMAT
    assert (tmp_path / "out.html").read_text().startswith("<!doctype html>")
    answer = run_command("analyse", str(ratings), "--report", str(tmp_path / "no" / "out.html"), "--resamples", "50")
    assert answer.returncode == 1


@pytest.mark.django_db(transaction=True)
def test_the_package_says_what_the_dashboard_says_to_the_byte(rated_study, run_command, client, tmp_path):
    from django.urls import reverse

    from radiorate.results import cached, package
    from radiorate.results.filters import Filters

    study = rated_study(pairs=12, readers=3, repeat_share="0.2")
    client.force_login(factories.admin())
    answer = client.get(reverse("results:package", args=[study.slug]))
    data = b"".join(answer.streaming_content)
    (tmp_path / "out.zip").write_bytes(data)
    shown = package.as_json(cached.ask(study, Filters()).found)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert files["analysis.json"].decode() == shown
    assert run_command("analyse", str(tmp_path / "out.zip"), "--json").stdout == shown
    assert hashlib.sha256(files["protocol.json"]).hexdigest() == study.protocol_hash
    assert "readers" not in tomllib.loads(files["study.toml"].decode())
    assert b"@" not in files["study.toml"] + files["README.md"]
    assert {"figures/difference.svg", "figures/difference.csv", "methods.md", "interchange/rjafroc.xlsx"} < set(files)
    described = json.loads(files["datapackage.json"])
    for resource in described["resources"]:
        content = files[resource["path"]]
        assert resource["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
        header = next(csv.reader(io.StringIO(content.decode())))
        assert header == [field["name"] for field in resource["schema"]["fields"]]
    assert "SIMULATED" in described["title"]


@pytest.mark.django_db
def test_no_package_of_a_sealed_study_leaves(client, rated_study):
    from django.urls import reverse

    client.force_login(factories.admin())
    study = rated_study(pairs=2, readers=1, closed=False)
    assert client.get(reverse("results:package", args=[study.slug])).status_code == 409
