"""The accounts pages in a browser: no breach of the policy, nothing axe finds, and room for all of it."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse

from radiorate.accounts import audit, invitations, lifecycle
from tests import factories
from tests.factories import PASSWORD


def check(page, name: str) -> None:
    """No violation of WCAG 2.2 AA on the page as it stands, and nothing wider than the window."""
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}}).response["violations"]
    assert not found, f"{name}: {[(rule['id'], [node['html'] for node in rule['nodes']]) for rule in found]}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (2560, 1440)])
def test_pages_of_accounts_are_accessible(live_server_process, page, width, height):
    admin = factories.admin(email="admin@example.org", name="Ada Example")
    invitations.invite("reader@example.org", "Rita Example", "reader", admin)
    lifecycle.deactivate(factories.user(name="Former Example"), admin)
    for number in range(3):
        audit.record(admin, "study.opened", f"study knees-{number}", reason="ready", detail={"pairs": 40})
    _, link = invitations.invite("new@example.org", "", "reader", admin)
    page.set_viewport_size({"width": width, "height": height})
    url = live_server_process.url

    def visit(name: str) -> None:
        page.goto(url + reverse(name))
        check(page, name.replace(":", "-"))

    visit("account_login")
    visit("account_reset_password")
    page.goto(url + link)
    check(page, "invitation")
    page.goto(url + reverse("account_login"))
    page.get_by_label("Email").fill(admin.email)
    page.get_by_label("Password", exact=True).fill("a wrong pass phrase")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    check(page, "wrong-password")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/studies/")
    for name in ("accounts:people", "accounts:profile", "accounts:audit", "account_change_password", "mfa_index"):
        visit(name)
    visit("mfa_activate_totp")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Switch on the second factor").wait_for()
    check(page, "second-factor")
    assert page.locator(".qr svg").bounding_box()["width"] > 100
    page.goto(url + reverse("accounts:people"))
    page.get_by_label("E-mail").fill("other@example.org")
    page.get_by_role("button", name="Make the link").click()
    page.locator(".link-once").wait_for()
    check(page, "link")
