"""The whole job as a person with a plain browser does it: from a ZIP of radiographs to figures that equal the CSV.

Nothing but HTTP: forms are read off the pages, filled in and posted, against a real web server and a real worker.
"""

import csv
import io
import re
import zipfile
from html.parser import HTMLParser

import httpx

from tests import factories
from tests.conftest import eventually

PAIRS = 20


class Form(HTMLParser):
    """The form of a page that posts to an address with `wanted` in it: its action, fields and choices."""

    def __init__(self, page: httpx.Response, wanted: str) -> None:
        super().__init__()
        self.here, self.wanted, self.action = page.url.path, wanted, ""
        self.fields: dict[str, str] = {}
        self.choices: dict[str, list[str]] = {}
        self._inside, self._select = False, ""
        self.feed(page.text)
        assert self.action, f"no form posts to {wanted}"

    def handle_starttag(self, tag, attrs):
        said = dict(attrs)
        name, value = said.get("name") or "", said.get("value") or ""
        if tag == "form" and not self.action:
            action = said.get("action") or self.here
            if said.get("method") == "post" and self.wanted in action:
                self._inside, self.action = True, action
        elif not self._inside:
            return
        elif tag == "select":
            self._select = name
        elif tag == "option":
            if "selected" in said or self._select not in self.fields:
                self.fields[self._select] = value
        elif said.get("type") in ("radio", "checkbox"):
            self.choices.setdefault(name, []).append(value)
            if "checked" in said:
                self.fields[name] = value
        elif tag in ("input", "textarea") and name and said.get("type") not in ("file", "submit"):
            self.fields[name] = value

    def handle_endtag(self, tag):
        self._inside = self._inside and tag != "form"


class Person:
    """Somebody with a browser without scripts."""

    def __init__(self, url: str, email: str) -> None:
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=60)
        self.page = self.http.get("/accounts/login/")
        self.fill("/accounts/login/", login=email, password=factories.PASSWORD)

    def open(self, path: str) -> str:
        self.page = self.http.get(path)
        assert self.page.status_code == 200, f"{path}: {self.page.status_code}"
        return self.page.text

    def fill(self, wanted: str, files: object = None, **values: object) -> str:
        form = Form(self.page, wanted)
        self.page = self.http.post(form.action, data=form.fields | values, files=files)
        assert self.page.status_code == 200, self.page.text[:2000]
        return self.page.text


def archive() -> bytes:
    """A ZIP of radiographs of two views with a manifest, and a file that is none."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as files:
        rows = ["file,region,view,laterality"]
        for number in range(PAIRS):
            region, view = (("hand", "PA"), ("knee", "AP"))[number % 2]
            files.writestr(f"{number}.png", factories.png(seed=1000 + number, size=(160, 200)))
            rows.append(f"{number}.png,{region},{view},L")
        files.writestr("notes.txt", "not a picture")
        files.writestr("manifest.csv", "\n".join(rows))
    return stream.getvalue()


def figure(html: str, label: str) -> str:
    """The big value on the card with this label."""
    found = re.search(rf'figure-value">([^<]+)</div><div class="figure-label">[^<]*{label}', html)
    assert found, f"no card says {label}"
    return found[1].strip()


def test_from_a_zip_of_radiographs_to_figures_that_equal_the_csv(live_server_process, start_worker):
    start_worker()
    phantom = factories.generator(name="phantom-test", model="phantom-1")
    admin = Person(live_server_process.url, factories.admin().email)
    reader = factories.user()

    admin.open("/images/")
    admin.fill("/images/", name="Real ones", origin="real")
    admin.fill("/upload/", files=[("pictures", ("radiographs.zip", archive(), "application/zip"))])
    progress = str(admin.page.url)
    eventually(lambda: "notes.txt" in admin.open(progress) and "done" in admin.page.text.lower(), 60)
    assert f">{PAIRS}<" in re.sub(r"\s", "", admin.page.text)

    admin.open("/generation/launch/")
    order = {"prompt": "An X-ray of the {region}", "sides": "L", "width": 160, "height": 200, "budget_usd": 0}
    for region, view in (("hand", "PA"), ("knee", "AP")):
        admin.open("/generation/launch/")
        new = {"new_collection": f"Phantoms of the {region}", "collection": ""}
        assert "phantom-test" in admin.page.text
        facts = {"generator": phantom.pk, "regions": region, "views": view, "n": PAIRS // 2}
        preview = admin.fill("/generation/launch/", **order, **facts, **new)
        assert f"{PAIRS // 2} images" in preview or f">{PAIRS // 2}<" in preview
        admin.fill("/generation/launch/", **order, **facts, **new, launch="")
        address = str(admin.page.url)
        ended = f"{PAIRS // 2} / {PAIRS // 2}"
        eventually(lambda address=address, ended=ended: ended in admin.open(address), 90)
        assert f"{PAIRS // 2} succeeded" in admin.page.text

    admin.open("/studies/new/")
    form = Form(admin.page, "/studies/new/")
    collections = {name: form.choices[name] for name in ("real_collections", "synthetic_collections")}
    admin.fill("/studies/new/", title="Whole job", slug="whole-job", **collections)
    admin.fill("/studies/whole-job/readers/", email=reader.email)
    admin.fill("/studies/whole-job/open/")
    assert "Whole job" in admin.open("/studies/") and "open" in admin.page.text
    assert admin.http.get("/results/whole-job/export/ratings.csv").status_code == 409, "the results are sealed"

    person = Person(live_server_process.url, reader.email)
    person.open("/reading/whole-job/")
    for number in range(PAIRS):
        form = Form(person.page, "/reading/")
        answers = {
            name: values[number % 5] for name, values in form.choices.items() if name.endswith(("left", "right"))
        }
        answers |= {"believed_real": ("left", "right")[number % 2], "confidence": str(1 + number % 5)}
        person.fill("/reading/", **answers)
        if 'name="believed_real"' not in person.page.text and number < PAIRS - 1:
            person.open("/reading/whole-job/")
    assert 'name="believed_real"' not in person.page.text, "there were more pairs than planned"

    admin.open("/studies/whole-job/")
    admin.fill("/studies/whole-job/close/")
    dashboard = admin.open("/results/whole-job/")
    choices = list(csv.DictReader(io.StringIO(admin.http.get("/results/whole-job/export/choices.csv").text)))
    ratings = list(csv.DictReader(io.StringIO(admin.http.get("/results/whole-job/export/ratings.csv").text)))
    assert len(choices) == PAIRS and figure(dashboard, "ratings in") == f"{PAIRS} / {PAIRS}"
    right = sum(row[f"{row['believed_real']}_origin"] == "real" for row in choices)
    assert figure(dashboard, "real image named") == f"{round(100 * right / PAIRS)} %"
    anatomy = {
        origin: [int(row["value"]) for row in ratings if (row["criterion"], row["origin"]) == ("anatomy", origin)]
        for origin in ("real", "synthetic")
    }
    means = {origin: sum(values) / len(values) for origin, values in anatomy.items()}
    difference = f"{means['synthetic'] - means['real']:.2f}".replace("-", "−")
    assert re.search(rf"Anatomy.*?{re.escape(difference)}", dashboard, re.DOTALL), difference
