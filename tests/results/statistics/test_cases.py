"""Published tables and other programs' output as files: each call of a case gives what its file says.

The files name their own source (van_dyke: Van Dyke et al 1993 with MRMCaov and iMRMC; ms_patients: Landis & Koch 1977
with vcd, irr, irrCAC and psych; study: a simulated study with R). They lie in ../shared or where RADIORATE_SHARED says.
"""

import importlib
import json
import os
from pathlib import Path

import pandas as pd  # noqa: TID253  (a test pays the import once)
import pytest

SHARED = Path(os.environ.get("RADIORATE_SHARED") or Path(__file__).parents[4] / "shared")
CASES = SHARED / "cases" / "statistics"
needs_cases = pytest.mark.skipif(not CASES.is_dir(), reason="the statistics cases are not here")


def argument(value, frame):
    """What a call's words mean: `column a`, `columns a, b`, `frame ...` of input.csv; anything else is itself."""
    if not isinstance(value, str):
        return value
    if value.startswith("frame "):
        return frame
    if value.startswith("columns "):
        return frame[value.removeprefix("columns ").split(", ")].to_numpy(dtype=float)
    return frame[value.removeprefix("column ")].to_numpy() if value.startswith("column ") else value


def at(found, path):
    for step in path.split("."):
        found = found[int(step)] if isinstance(found, list) else found[step]
    return found


def calls():
    for folder in ("van_dyke", "ms_patients"):
        if (file := CASES / folder / "expected.json").exists():
            for call in json.loads(file.read_text())["calls"]:
                options = [each for each in call["arguments"].values() if isinstance(each, str) and " " not in each]
                yield pytest.param(folder, call, id="-".join([folder, call["function"].split(".")[-1], *options]))


@needs_cases
@pytest.mark.parametrize(("folder", "call"), list(calls()))
def test_a_call_gives_the_values_of_the_file(folder, call):
    frame = pd.read_csv(CASES / folder / "input.csv")
    module, name = call["function"].rsplit(".", 1)
    function = getattr(importlib.import_module(module), name)
    found = function(**{key: argument(value, frame) for key, value in call["arguments"].items()})
    for each in call["expected"]:
        assert at(found, each["path"]) == pytest.approx(each["value"], abs=each["tolerance"], rel=0), each["path"]
