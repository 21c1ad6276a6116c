"""`manage.py plan_study`: a grid as JSON, from given variances or a pilot, without a database."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

HEAD = (
    "study,reader,session,pair,kind,repeat,image,origin,generator,body_part,view_position,side,"
    "criterion,value,status,reason,submitted_at,seconds"
)
FACTS = ("real,,hand,PA,left", "synthetic,g,hand,PA,right")


def plan(*arguments: str) -> str:
    out = StringIO()
    call_command("plan_study", *arguments, stdout=out)
    return out.getvalue()


def test_a_grid_of_readers_and_pairs_comes_out():
    arguments = [
        "--effect",
        "0.3",
        "--components",
        "0.05",
        "0.25",
        "0.8",
        "--readers",
        "4",
        "8",
        "--pairs",
        "40",
        "--json",
    ]
    found = json.loads(plan(*arguments))
    grid = found["plans"]["given"]["grid"]
    assert [(row["readers"], row["pairs"]) for row in grid] == [(4, 40), (8, 40)]
    assert grid[0]["power"] < grid[1]["power"]
    assert json.loads(plan(*arguments)) == found
    assert "with ever more pairs" in plan(*arguments[:-1])


def test_a_pilot_gives_the_variances(tmp_path):
    rows = [HEAD]
    for reader in range(3):
        for pair in range(5):
            for value, facts in zip((3 + (reader + pair) % 3, 1 + pair * reader % 3), FACTS, strict=True):
                rows.append(f"s,r{reader},1,p{pair},main,0,i{pair}{facts[0]},{facts},anatomy,{value},scored,,,")
    pilot = tmp_path / "ratings.csv"
    pilot.write_text("\n".join(rows) + "\n")
    found = json.loads(plan("--effect", "0.3", "--pilot", str(pilot), "--json"))
    likely, cautious = (found["plans"][name] for name in ("likely", "cautious"))
    assert all(0 <= value <= cautious["components"][name] for name, value in likely["components"].items())
    assert cautious["grid"][0]["half_width"] > likely["grid"][0]["half_width"]
    assert "3 readers and 5 pairs" in found["warnings"][0]
    with pytest.raises(CommandError, match="anatomy"):
        plan("--effect", "0.3", "--pilot", str(pilot), "--criterion", "artifacts")


def test_a_missing_pilot_and_impossible_numbers_are_named(tmp_path):
    with pytest.raises(CommandError, match="nothing"):
        plan("--effect", "0.3", "--pilot", str(tmp_path / "nothing.csv"))
    with pytest.raises(CommandError, match="readers"):
        plan("--effect", "0.3", "--components", "0.1", "0.1", "0.1", "--readers", "1")
