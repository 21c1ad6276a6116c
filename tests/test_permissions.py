"""Who may do what: every address of the site, for every kind of visitor, by GET and by POST.

A new address needs one line in TABLE, or `test_every_address_stands_in_the_table` fails: the answers to GET, a bar, the
answers to an empty POST, each for anonymous, reader, reader of another study, admin. `in` is a redirect to sign in.
An address that isn't filled by the id its room mostly takes needs a line in `arguments` too.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from generation.models import Heartbeat
from radiorate.images.models import Import
from radiorate.reading import presentation
from tests import factories

VISITORS = ("anonymous", "reader", "stranger", "admin")
TABLE = {
    #                                       GET               POST
    "home":                                "in 302 302 302 | in 405 405 405",
    "healthz":                             "200 200 200 200 | 200 200 200 200",
    "readyz":                              "200 200 200 200 | 200 200 200 200",
    "language":                            "405 405 405 405 | 302 302 302 302",
    "account_login":                       "200 302 302 302 | 200 302 302 302",
    "account_logout":                      "in 200 200 200 | in in in in",
    "account_inactive":                    "200 200 200 200 | 405 405 405 405",
    "account_reauthenticate":              "in 200 200 200 | in 200 200 200",
    "account_change_password":             "in 200 200 200 | in 200 200 200",
    "account_reset_password":              "200 200 200 200 | 200 200 200 200",
    "account_reset_password_done":         "200 200 200 200 | 405 405 405 405",
    "account_reset_password_from_key":     "200 200 200 200 | 200 200 200 200",
    "account_reset_password_from_key_done": "200 200 200 200 | 405 405 405 405",
    "mfa_index":                           "in 200 200 200 | in 405 405 405",
    "mfa_authenticate":                    "in 302 302 302 | in 302 302 302",
    "mfa_reauthenticate":                  "in 302 302 302 | in 302 302 302",
    "mfa_activate_totp":                   "in 302 302 302 | in 302 302 302",
    "mfa_deactivate_totp":                 "in 404 404 404 | in 404 404 404",
    "mfa_view_recovery_codes":             "in 404 404 404 | in 405 405 405",
    "mfa_generate_recovery_codes":         "in 302 302 302 | in 302 302 302",
    "mfa_download_recovery_codes":         "in 404 404 404 | in 404 404 404",
    "accounts:people":                     "in 403 403 200 | in 403 403 422",
    "accounts:link":                       "in 403 403 405 | in 403 403 200",
    "accounts:revoke":                     "in 403 403 405 | in 403 403 302",
    "accounts:deactivate":                 "in 403 403 405 | in 403 403 302",
    "accounts:reactivate":                 "in 403 403 405 | in 403 403 302",
    "accounts:invitation":                 "410 410 410 410 | 410 410 410 410",
    "accounts:invitation_link":            "302 302 302 302 | 405 405 405 405",
    "accounts:profile":                    "in 200 200 200 | in 302 302 302",
    "accounts:audit":                      "in 403 403 200 | in 403 403 405",
    "accounts:audit_csv":                  "in 403 403 200 | in 403 403 405",
    "images:collections":                  "in 403 403 200 | in 403 403 422",
    "images:library":                      "in 403 403 200 | 405 405 405 405",
    "images:collection":                   "in 403 403 200 | 405 405 405 405",
    "images:upload":                       "405 405 405 405 | in 403 403 422",
    "images:label":                       "in 403 403 200 | in 403 403 422",
    "images:allow_sending":                "405 405 405 405 | in 403 403 422",
    "images:forbid_sending":               "405 405 405 405 | in 403 403 422",
    "images:import":                       "in 403 403 200 | 405 405 405 405",
    "images:detail":                       "in 403 403 200 | 405 405 405 405",
    "images:thumbnail":                    "in 403 403 200 | 405 405 405 405",
    "images:picture":                      "in 403 403 200 | 405 405 405 405",
    "images:largest":                      "in 403 403 200 | 405 405 405 405",
    "images:describe":                     "405 405 405 405 | in 403 403 302",
    "images:held":                        "in 403 403 200 | 405 405 405 405",
    "images:look":                        "in 403 403 200 | in 403 403 422",
    "images:restore":                       "405 405 405 405 | in 403 403 422",
    "images:withdraw":                     "405 405 405 405 | in 403 403 422",
    "generation:batches":                  "in 403 403 200 | 405 405 405 405",
    "generation:launch":                   "in 403 403 200 | in 403 403 422",
    "generation:import":                   "in 403 403 200 | in 403 403 422",
    "generation:edit":                     "in 403 403 200 | in 403 403 422",
    "generation:batch":                    "in 403 403 200 | 405 405 405 405",
    "generation:pause":                    "405 405 405 405 | in 403 403 302",
    "generation:go_on":                    "405 405 405 405 | in 403 403 302",
    "generation:cancel":                   "405 405 405 405 | in 403 403 302",
    "generation:resume":                   "405 405 405 405 | in 403 403 302",
    "generation:job":                      "in 403 403 200 | 405 405 405 405",
    "generation:mask":                     "in 403 403 404 | 405 405 405 405",
    "generation:delivered":                "in 403 403 404 | 405 405 405 405",
    "generation:distance":                 "in 403 403 404 | 405 405 405 405",
    "generation:settle":                   "405 405 405 405 | in 403 403 302",
    "generation:near_copies":              "in 403 403 200 | 405 405 405 405",
    "generation:compare_again":            "405 405 405 405 | in 403 403 302",
    "generation:keep":                     "405 405 405 405 | in 403 403 302",
    "generation:exclude":                  "405 405 405 405 | in 403 403 302",
    "generation:take_back":                "405 405 405 405 | in 403 403 302",
    "generation:retry":                    "405 405 405 405 | in 403 403 302",
    "generation:settle_all":               "405 405 405 405 | in 403 403 302",
    "generation:set_budget":               "405 405 405 405 | in 403 403 302",
    "generation:generators":               "in 403 403 200 | 405 405 405 405",
    "generation:new_generator":            "in 403 403 200 | in 403 403 422",
    "generation:generator":                "in 403 403 200 | in 403 403 302",
    "generation:add_price":                "405 405 405 405 | in 403 403 422",
    "generation:ledger":                   "in 403 403 200 | 405 405 405 405",
    "generation:export_ledger":            "405 405 405 405 | in 403 403 200",
    "generation:set_limit":                "405 405 405 405 | in 403 403 302",
    "generation:settle_attempts":          "405 405 405 405 | in 403 403 302",
    "generation:resume_after_restore":     "405 405 405 405 | in 403 403 302",
    "studies:list":                        "in 403 403 200 | 405 405 405 405",
    "studies:new":                         "in 403 403 200 | in 403 403 422",
    "studies:upload":                      "405 405 405 405 | in 403 403 422",
    "studies:detail":                      "in 403 403 200 | 405 405 405 405",
    "studies:edit":                        "in 403 403 404 | in 403 403 404",  # the study is open
    "studies:practice":                    "in 403 403 404 | in 403 403 404",  # the study is open
    "studies:file":                        "in 403 403 200 | 405 405 405 405",
    "studies:protocol":                    "in 403 403 200 | 405 405 405 405",
    "studies:copy":                        "405 405 405 405 | in 403 403 302",
    "studies:open":                        "405 405 405 405 | in 403 403 302",
    "studies:close":                       "405 405 405 405 | in 403 403 302",
    "studies:withdraw":                    "405 405 405 405 | in 403 403 302",
    "studies:enrol":                       "405 405 405 405 | in 403 403 422",
    "studies:remove":                      "405 405 405 405 | in 403 403 302",
    "studies:remind":                      "405 405 405 405 | in 403 403 302",
    "reading:list":                        "in 200 200 403 | 405 405 405 405",
    "reading:study":                       "in 200 404 403 | 405 405 405 405",
    "reading:instructions":                "in 200 404 403 | 405 405 405 405",
    "reading:answer":                      "in 302 404 403 | in 422 404 403",
    "reading:finding":                     "in 302 404 403 | in 302 404 403",  # no first look
    "reading:draft":                       "405 405 405 405 | in 400 404 403",
    "reading:image":                       "in 200 404 403 | 405 405 405 405",
    "reading:consent":                     "in 302 404 403 | in 302 404 403",  # nothing to agree to
    "reading:profile":                     "in 302 404 403 | in 302 404 403",  # nothing is asked
    "reading:display":                     "in 302 404 403 | in 302 404 403",  # nothing is checked
    "reading:closing":                     "in 302 404 403 | in 302 404 403",  # nothing is asked
    "reading:let_pass":                    "405 405 405 405 | in 403 403 302",
    "reading:reopen":                      "405 405 405 405 | in 403 403 302",
    "reading:open_early":                  "405 405 405 405 | in 403 403 302",
    "results:data_dictionary":             "in 403 403 200 | 405 405 405 405",
    "results:dashboard":                   "in 403 403 200 | 405 405 405 405",
    "results:figure":                      "in 403 403 200 | 405 405 405 405",
    "results:pairs":                       "in 403 403 404 | 405 405 405 405",  # once the study is closed
    "results:pair":                        "in 403 403 404 | 405 405 405 405",
    "results:package":                     "in 403 403 409 | 405 405 405 405",
    "results:planner":                     "in 403 403 200 | 405 405 405 405",
    "results:unseal":                      "405 405 405 405 | in 403 403 302",
    "results:export":                      "in 403 403 409 | in 403 403 409",  # sealed until the study is closed
}  # fmt: skip
WRITES_BY_GET = {"reading:study"}  # each showing of a pair is a row of its own
HELD_BY_READERS = ("reading:study", "reading:instructions", "reading:answer", "reading:draft", "reading:image")


def arguments(name: str, world: SimpleNamespace) -> dict[str, Any]:
    """What fills the address, taken from the reader's own study."""
    special = {
        "accounts:invitation_link": {"token": "x" * 43},
        "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
        "images:collection": {"pk": world.image.collection_id},
        "images:label": {"pk": world.image.collection_id},
        "images:upload": {"pk": world.image.collection_id},
        "images:allow_sending": {"pk": world.image.collection_id},
        "images:forbid_sending": {"pk": world.image.collection_id},
        "images:import": {"pk": world.imported.pk},
        "generation:mask": {"pk": world.job.pk},
        "generation:delivered": {"pk": world.job.pk},
        "generation:distance": {"pk": world.job.pk},
        "generation:edit": {"pk": world.image.pk},
        "generation:job": {"pk": world.job.pk},
        "generation:settle": {"pk": world.job.pk},
        "generation:retry": {"pk": world.job.pk},
        "generation:keep": {"pk": world.output.pk},
        "generation:exclude": {"pk": world.output.pk},
        "generation:take_back": {"pk": world.output.pk},
        "generation:generator": {"pk": world.batch.generator_id},
        "generation:add_price": {"pk": world.batch.generator_id},
        "studies:remove": {"slug": world.study.slug, "code": world.reader.code},
        "studies:remind": {"slug": world.study.slug, "code": world.reader.code},
        "reading:let_pass": {"slug": world.study.slug, "code": world.reader.code},
        "reading:reopen": {"slug": world.study.slug, "code": world.reader.code},
        "reading:open_early": {"slug": world.study.slug, "code": world.reader.code},
        "reading:answer": {"presentation_id": world.presentation.pk},
        "reading:finding": {"presentation_id": world.presentation.pk},
        "reading:draft": {"presentation_id": world.presentation.pk},
        "reading:image": {"token": world.token},
        "results:figure": {"slug": world.study.slug, "name": "flow.svg"},
        "results:pair": {"slug": world.study.slug, "code": world.study.pairs.first().code},
        "results:export": {"slug": world.study.slug, "name": "ratings.csv"},
    }
    by_room = {
        "accounts": {"pk": world.users["reader"].pk},
        "images": {"pk": world.image.pk},
        "generation": {"pk": world.batch.pk},
    }
    return special.get(name) or by_room.get(name.partition(":")[0], {"slug": world.study.slug})


def address(name: str, given: dict[str, Any]) -> str:
    wanted = PATTERNS[name].pattern.regex.groupindex
    return reverse(name, kwargs={key: value for key, value in given.items() if key in wanted})


def patterns(under: URLResolver, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    for found in under.url_patterns:
        if isinstance(found, URLResolver):
            yield from patterns(found, f"{namespace}{found.namespace}:" if found.namespace else namespace)
        else:
            yield f"{namespace}{found.name}", found


PATTERNS: dict[str, URLPattern] = {}


@pytest.fixture(scope="module", autouse=True)
def all_patterns() -> None:
    PATTERNS.update(patterns(get_resolver()))


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[SimpleNamespace]:
    """Two open studies with a reader each, an admin, a batch; gone again after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        study, other = (factories.open_study(slug=slug, title=f"About {slug}") for slug in ("knees", "wrists"))
        reader, stranger = study.readers.get(), other.readers.get()
        shown = presentation.next_for(reader)
        batch = factories.batch()
        image = factories.image()
        # The reaper reports, far into the tests' future: without it the site is not ready.
        Heartbeat.objects.create(name="reaper", at=timezone.now() + timedelta(hours=1))
        yield SimpleNamespace(
            study=study,
            other=other,
            reader=reader,
            presentation=shown,
            token=shown.left_token,
            image=image,
            imported=Import.objects.create(collection=image.collection),
            batch=batch,
            job=batch.jobs.get(),
            output=factories.output(batch.jobs.get()),
            users={"reader": reader.user, "stranger": stranger.user, "admin": factories.admin()},
        )
        transaction.set_rollback(True)


def visit(world: SimpleNamespace, visitor: str) -> Client:
    client = Client()
    if visitor != "anonymous":
        client.force_login(world.users[visitor])
    return client


def contents() -> list[tuple[Any, ...]]:
    """A fingerprint of every table but the sessions."""
    tables = [table for table in connection.introspection.table_names() if table != "django_session"]
    parts = (f"SELECT '{table}', count(*), sum(hashtext(t::text)::bigint) FROM \"{table}\" t" for table in tables)  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts))
        return cursor.fetchall()


def outcome(response: Any) -> str:
    if response.status_code == 302 and response["Location"].startswith(reverse("account_login")):
        return "in"
    return str(response.status_code)


def test_every_address_stands_in_the_table():
    assert set(PATTERNS) == set(TABLE)


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("name", TABLE)
def test_get(world, db, name, visitor):
    client = visit(world, visitor)
    before = contents()
    response = client.get(address(name, arguments(name, world)))
    expected = TABLE[name].split("|")[0].split()[VISITORS.index(visitor)]
    assert outcome(response) == expected
    if name not in WRITES_BY_GET:
        assert contents() == before, "a GET changed rows"


@pytest.mark.parametrize("visitor", VISITORS)
@pytest.mark.parametrize("name", TABLE)
def test_post(world, db, name, visitor):
    response = visit(world, visitor).post(address(name, arguments(name, world)))
    expected = TABLE[name].split("|")[1].split()[VISITORS.index(visitor)]
    assert outcome(response) == expected


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", HELD_BY_READERS)
def test_foreign_id_answers_like_a_missing_one(world, db, name, method):
    missing = {"slug": "no-such-study", "presentation_id": uuid4(), "token": uuid4().hex}
    bodies = []
    for given in (arguments(name, world), missing):
        response = getattr(visit(world, "stranger"), method)(address(name, given))
        text = re.sub(r'csrfmiddlewaretoken" value="\w+"', "", b"".join(response).decode())
        bodies.append((response.status_code, text, sorted(response.headers)))
    assert bodies[0] == bodies[1]


def test_reading_list_holds_own_studies_only(world, db):
    for visitor, own, foreign in (("reader", world.study, world.other), ("stranger", world.other, world.study)):
        page = visit(world, visitor).get(reverse("reading:list")).content.decode()
        assert own.slug in page
        assert foreign.slug not in page
        assert foreign.title not in page
