"""The files that leave: their form, what they may hold, and that they say the same as the database."""

import json

import pytest

from radiorate.results import analysis, dataset, exporting, table


@pytest.mark.django_db(transaction=True)  # the files are one snapshot, which begins a transaction of its own
def test_exported_files_give_the_same_analysis_as_the_database(rated_study, tmp_path):
    study = rated_study(repeat_share="0.25", control_share="0.2")
    exporting.write(study, tmp_path / "out")
    from_files = analysis.analyse(table.read(tmp_path / "out"))
    from_database = analysis.analyse(dataset.load(study))
    assert json.dumps(from_files, sort_keys=True) == json.dumps(from_database, sort_keys=True)
    assert from_files["n"]["readers"] == 4 and from_files["n"]["scores"] > 300
