"""A pair withdrawn from an open study: shown no more, in no figure, and nothing that was said of it is lost."""

import csv
import io
import json

import pytest
from django.db import ProgrammingError
from django.urls import reverse

from radiorate.accounts.models import AuditEntry
from radiorate.reading import presentation
from radiorate.studies import lifecycle
from radiorate.studies.models import PairWithdrawal, Reader
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)  # an export begins a transaction of its own


def rows(study, name: str) -> list[dict[str, str]]:
    from radiorate.results import exporting

    return list(csv.DictReader(io.StringIO(b"".join(exporting.stream(study, name, factories.admin())).decode())))


def test_an_admin_withdraws_a_pair_with_a_reason_that_stays(client):
    study = factories.open_study(pairs=3, readers=1)
    reader, admin = study.readers.get(), factories.admin()
    first = reader.assignments.order_by("session", "position").first().pair
    client.force_login(admin)
    address = reverse("studies:withdraw", args=[study.slug])
    for reason, words in (
        (" ", "Say why"),
        ("the marker shows a name", "shown to nobody any more"),
        ("twice", "no pair"),
    ):
        page = client.post(address, {"pair": first.code, "reason": reason}, follow=True).content.decode()
        assert words in page
    assert f"{first.code}, " in page
    entry = AuditEntry.objects.get(action="study.pair_withdrawn")
    assert (entry.actor, entry.reason, entry.detail) == (admin, "the marker shows a name", {"pair": first.code})
    due = presentation.next_for(Reader.objects.select_related("study").get(pk=reader.pk))
    assert due.assignment.pair != first
    assert presentation.progress(due).total == 2
    assert Reader.objects.with_progress().get(pk=reader.pk).planned == 2
    with pytest.raises(ProgrammingError):
        PairWithdrawal.objects.update(reason="another")
    lifecycle.close_study(study, admin)
    with pytest.raises(lifecycle.Refused, match="not open"):
        lifecycle.withdraw_pair(study, study.pairs.last().code, admin, "too late")


def test_no_figure_and_no_file_but_one_holds_its_ratings(client, rated_study, tmp_path):
    from radiorate.results import analysis, dataset, exporting, table

    study = rated_study(pairs=8, readers=3, repeat_share="0.25", closed=False)
    before = dataset.load(study)
    code = before.pairs[0].code
    lifecycle.withdraw_pair(study, code, factories.admin(), "cut off")
    study.refresh_from_db()
    client.force_login(factories.admin())
    assert code in client.get(reverse("results:dashboard", args=[study.slug])).content.decode()
    lifecycle.close_study(study, None)
    study.refresh_from_db()
    after = dataset.load(study)
    assert [pair.code for pair in after.pairs] == [pair.code for pair in before.pairs[1:]]
    exporting.write(study, tmp_path / "out")
    from_files, from_database = analysis.analyse(table.read(tmp_path / "out")), analysis.analyse(after)
    assert json.dumps(from_files, sort_keys=True) == json.dumps(from_database, sort_keys=True)
    for name in ("ratings", "choices", "marks"):
        assert code not in {row["pair"] for row in rows(study, name)}
    left = rows(study, "withdrawn")
    assert {row["reader"] for row in left} == {"R1", "R2", "R3"}
    assert {(row["pair"], row["reason"]) for row in left} == {(code, "cut off")}
    assert all(json.loads(row["answers"])["scores"] for row in left)
    assert code in client.get(reverse("results:dashboard", args=[study.slug])).content.decode()
