"""The pages of the generation room hold to WCAG 2.2 AA and fit the window, at the sizes people have."""

from decimal import Decimal
from uuid import uuid4

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings

from generation import lifecycle
from generation.models import Job, NearCopy, Output
from generation.provider import Delivery
from tests import factories

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SIZES = [(1366, 768), (2560, 1440)]


def check(page, name: str) -> None:
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}}).response["violations"]
        assert not found, f"{name}: {[(rule['id'], [node['html'] for node in rule['nodes']]) for rule in found]}"
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than {width}"


def every_state() -> Job:
    """A batch with a job in each state, one of them with its picture; gives the unknown one."""
    batch = factories.batch(jobs=len(Job.State), budget_usd=Decimal(1), generator=factories.generator(name="phantom-1"))
    for job, state in zip(batch.jobs.all(), Job.State, strict=True):
        if state not in (Job.State.QUEUED, Job.State.CANCELLED):
            token = lifecycle.claim(job.pk)
            attempt = lifecycle.begin(job.pk, token, uuid4(), Decimal("0.04"))
            if state == Job.State.SUCCEEDED:
                lifecycle.succeed(attempt, token, Delivery(b"", "image/png", cost_usd=Decimal("0.04")))
                Output.objects.create(attempt=attempt, image=factories.image(batch.collection))
            elif state != Job.State.RUNNING:
                lifecycle.lose(attempt, token, "the connection ended without an answer")
        Job.objects.filter(pk=job.pk).update(state=state)
    return batch.jobs.get(state=Job.State.UNKNOWN)


def test_pages_of_generation_are_accessible(start_web, client, page):
    web = start_web()
    client.force_login(factories.admin())
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": web.url}])

    def visit(path: str) -> None:
        page.goto(f"{web.url}/generation/{path}")
        check(page, path or "batches")

    visit("")
    unknown = every_state()
    visit("")
    visit(f"{unknown.batch_id}/")
    visit(f"{unknown.batch_id}/?state=failed")
    visit(f"{unknown.batch_id}/?view=grid")
    NearCopy.objects.create(output=Output.objects.get(), real=factories.image(), hash_distance=2, correlation=0.97)
    visit("near-copies/")
    visit(f"jobs/{unknown.pk}/")
    visit(f"jobs/{Output.objects.get().attempt.job_id}/")
    visit("ledger/")
    visit("generators/")
    visit(f"generators/{unknown.batch.generator_id}/")
    visit("generators/new/")
    visit("launch/")
    page.get_by_label("Protocol").select_option("phantom-mixed")
    page.get_by_label("Name of the new collection").fill("mixed")
    page.get_by_label("Budget in US dollars").focus()
    page.get_by_role("row", name="A PA radiograph of the chest").wait_for()
    check(page, "launch, filled in")
