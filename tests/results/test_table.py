"""`manage.py analyse`: the numbers of another program, one line for a bad row, and no database."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent.parent

ROWS = """\
study,reader,session,pair,kind,repeat,image,origin,generator,body_part,view_position,side,criterion,value,status,reason,submitted_at,seconds
s,r1,1,p1,main,0,a1,real,,hand,PA,left,anatomy,4,scored,,2026-03-02T09:01:07Z,21.4
s,r1,1,p1,main,0,b1,synthetic,g,hand,PA,right,anatomy,2,scored,,2026-03-02T09:01:07Z,21.4
s,r1,1,p2,main,0,a2,real,,knee,AP,right,anatomy,,not_assessable,cut off,2026-03-02T09:02:07Z,30
s,r1,1,p2,main,0,b2,synthetic,g,knee,AP,left,anatomy,3,scored,,2026-03-02T09:02:07Z,30
s,r1,1,c1,control,0,a3,real,,knee,AP,left,anatomy,5,scored,,2026-03-02T09:03:07Z,12
s,r1,1,c1,control,0,a4,real,,knee,AP,right,anatomy,5,scored,,2026-03-02T09:03:07Z,12
s,r1,1,p1,main,1,a1,real,,hand,PA,right,anatomy,5,scored,,2026-03-02T09:04:07Z,12
"""


def analyse(path: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """The command in its own process, with a database address where no database is."""
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    argv = [sys.executable, "manage.py", "analyse", str(path), *options]
    return subprocess.run(argv, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def ratings(tmp_path):
    path = tmp_path / "ratings.csv"
    path.write_text(ROWS)
    return path


def test_a_whole_study_gives_the_numbers_of_r(shared):
    folder = shared and shared / "cases" / "statistics" / "study"
    if not folder or not folder.is_dir():
        pytest.skip("the folder shared with the reference study is not here")
    answer = analyse(folder, "--json")
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    compared = 0
    for expected in json.loads((folder / "expected.json").read_text())["expected"]:
        value = found
        for key in expected["path"].replace("ICC(2,1)", "ICC(2;1)").split("."):
            value = value[int(key)] if isinstance(value, list) else value[key.replace(";", ",")]
        assert value == pytest.approx(expected["value"], abs=max(expected["tolerance"], 1e-12)), expected["path"]
        compared += 1
    assert compared > 200


def test_first_showings_of_main_pairs_count_and_repeats_stand_apart(ratings):
    found = json.loads(analyse(ratings, "--json").stdout)
    assert found["n"] == {
        "readers": 1,
        "pairs": 2,
        "scores": 3,
        "not_assessable": 1,
        "missing": 0,
        "choices": 0,
        "marks": 0,
    }
    anatomy = found["criteria"]["anatomy"]
    assert anatomy["difference"]["value"] == 2
    assert anatomy["difference"]["low"] is None
    assert found["warnings"] == ["anatomy: 1 of 4 scores are missing or not assessable; none was filled in."]
    assert anatomy["repeatability"]["repeats"] == 1


def test_the_same_file_and_seed_give_the_same_bytes_and_sorted_keys(ratings):
    first, second = analyse(ratings, "--json").stdout, analyse(ratings, "--json").stdout
    assert first == second
    assert "NaN" not in first
    assert first.strip() == json.dumps(json.loads(first), sort_keys=True, indent=1, ensure_ascii=False)


def test_rows_and_columns_may_come_in_any_order(ratings):
    before = analyse(ratings, "--json").stdout
    head, *rows = [line.split(",") for line in ROWS.splitlines()]
    turned = [[*line[::-1], extra] for line, extra in zip([head, *rows[::-1]], ["more", *"1234567"], strict=True)]
    ratings.write_text("".join(",".join(line) + "\n" for line in turned))
    assert analyse(ratings, "--json").stdout == before


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        (",4,scored", ",6,scored", "ratings.csv:2: value: 6 is not in 1..5"),
        (",4,scored", ",4.5,scored", "ratings.csv:2: value: 4.5 is not in 1..5"),
        (",4,scored", ",,scored", "ratings.csv:2: value: empty is not in 1..5"),
        (",3,scored,,", ",3,missing,,", "ratings.csv:5: value: 3, where the status is missing"),
        (",3,scored,,", ",3,scored,dark,", "ratings.csv:5: reason: only with not_assessable"),
        ("real,,hand", "real,g,hand", "ratings.csv:2: generator: g, where the origin is real"),
        ("synthetic,g,hand", "synthetic,,hand", "ratings.csv:3: generator: empty, where the origin is synthetic"),
        ("s,r1,1,p2,main,0,b2", "s,,1,p2,main,0,b2", "ratings.csv:5: reader: empty is no code"),
        ("s,r1,1,p2,main,0,b2", "t,r1,1,p2,main,0,b2", "ratings.csv:5: study: t, where the rows before are of s"),
        ("control,0,a3", "controls,0,a3", "ratings.csv:6: kind: controls is none of main, control, practice"),
        ("knee,AP,right", "knee,XX,right", "ratings.csv:4: view_position: XX is none of AP, PA, LL, RL"),
        ("2026-03-02T09:02:07Z,30", "yesterday,30", "ratings.csv:4: submitted_at: yesterday is not an RFC 3339 time"),
        (",21.4", ",0", "ratings.csv:2: seconds: 0 is not above 0"),
        (",21.4", ",21.4,", "ratings.csv:2: the row has not as many cells as the header"),
        ("1,p1,main,1,a1", "2,p1,main,0,a1", "ratings.csv:8: the same first score as in ratings.csv:2"),
        ("study,", "name,", "ratings.csv:1: study: this column is missing"),
        ("s,r1,1,p1,main,0,a1,real,,hand,PA,left", '"s,r1', "ratings.csv:"),
    ],
)
def test_a_bad_row_is_named_in_one_line(ratings, before, after, problem):
    assert before in ROWS
    ratings.write_text(ROWS.replace(before, after, 1))
    answer = analyse(ratings, "--json")
    assert answer.returncode == 1
    assert answer.stdout == ""
    assert answer.stderr.startswith(problem)
    assert len(answer.stderr.strip().splitlines()) == 1


def test_the_printed_line_says_why_there_is_no_interval(ratings):
    assert (
        "anatomy, real minus synthetic: 2.00, no interval: too few pairs for an interval (1)\n"
        in analyse(ratings).stdout
    )


def test_a_path_that_is_not_there_is_one_line_too(tmp_path):
    answer = analyse(tmp_path / "nothing.csv")
    assert answer.returncode == 1
    assert answer.stderr == f"{tmp_path}/nothing.csv: No such file or directory\n"


def test_a_scale_of_another_length_is_read_from_the_protocol_beside_the_ratings(ratings):
    ratings.write_text(ROWS.replace(",4,scored", ",6,scored", 1))
    criterion = {"key": "anatomy", "minimum": 1, "maximum": 7}
    (ratings.parent / "protocol.json").write_text(json.dumps({"rubric": {"criteria": [criterion]}}))
    found = json.loads(analyse(ratings.parent, "--json").stdout)
    assert found["criteria"]["anatomy"]["by_origin"]["real"]["counts"] == [0, 0, 0, 0, 0, 1, 0]


def test_an_export_s_apostrophe_is_taken_off_at_the_start_of_a_text_only(ratings):
    (ratings.parent / "marks.csv").write_text(
        "study,reader,session,pair,repeat,image,origin,generator,body_part,side,tag,x,y\n"
        "s,r1,1,p1,0,a1,real,,hand,left,'=bone,0.5,0.5\n"
        "s,r1,1,p1,0,a1,real,,hand,left,bone '=joint,0.5,0.5\n"
    )
    found = json.loads(analyse(ratings.parent, "--json").stdout)
    assert set(found["marks"]["by_tag"]) == {"=bone", "bone '=joint"}


def test_the_reference_study_survives_a_copy_without_choices_and_marks(shared, tmp_path):
    source = shared and shared / "cases" / "statistics" / "study" / "ratings.csv"
    if not source or not source.is_file():
        pytest.skip("the folder shared with the reference study is not here")
    shutil.copy(source, tmp_path)
    found = json.loads(analyse(tmp_path, "--json").stdout)
    assert found["n"]["choices"] == 0
    assert found["discrimination"]["accuracy"]["value"] is None
