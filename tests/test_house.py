"""The shape of the house: rooms that look down only, names that say something, files that hold one thing."""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from django.apps import apps
from django.urls import URLPattern, URLResolver, get_resolver

PROJECT = Path(__file__).resolve().parent.parent
HEIGHT = {"accounts": 0, "images": 1, "studies": 2, "generation": 2, "reading": 3, "results": 4}
BORROWED = {"account": "accounts", "mfa": "accounts"}  # allauth's pages, which the accounts room dresses
WRITTEN_BY_US = ("radiorate", "generation", "templates", "static", "tests", "bench")
TEXTS = {".py", ".js", ".css", ".html", ".txt", ".toml"}
LONGEST = 400
MEANINGLESS = {"utils", "util", "helpers", "helper", "common", "services", "service", "misc"}
LOADED = re.compile(r"""{%\s*(?:include|extends)\s+["']([^"']+)["']""")


def files(*folders: str) -> Iterator[Path]:
    for folder in folders or WRITTEN_BY_US:
        for path in sorted((PROJECT / folder).rglob("*")):
            if path.is_file() and not {"__pycache__", "vendor", "migrations"} & set(path.parts):
                yield path


def room_of_template(name: str) -> str | None:
    """None for the pages and pieces that belong to all."""
    folder, _, rest = name.partition("/")
    return BORROWED.get(folder, folder) if rest else None


def test_no_foreign_key_points_up_or_across():
    wrong = []
    for model in apps.get_models():
        here = model._meta.app_label
        for field in model._meta.get_fields():
            there = field.related_model._meta.app_label if field.is_relation and field.concrete else None
            if here in HEIGHT and there in HEIGHT and here != there and HEIGHT[there] >= HEIGHT[here]:
                wrong.append(f"{model.__name__}.{field.name} points to {there}")
    assert not wrong


def test_templates_take_pieces_of_their_own_room_only():
    wrong = []
    for path in files("templates"):
        name = path.relative_to(PROJECT / "templates").as_posix()
        for loaded in LOADED.findall(path.read_text()):
            if room_of_template(loaded) not in (None, room_of_template(name)):
                wrong.append(f"{name} takes {loaded}")
    assert not wrong


def test_every_template_and_static_file_lies_in_a_room():
    strays = []
    for root in ("templates", "static"):
        for path in files(root):
            folder, _, rest = path.relative_to(PROJECT / root).as_posix().partition("/")
            if rest and BORROWED.get(folder, folder) not in HEIGHT:
                strays.append(path.as_posix())
    assert not strays


def test_every_template_a_template_names_exists():
    names = {path.relative_to(PROJECT / "templates").as_posix() for path in files("templates")}
    loaded = {name for path in files("templates") for name in LOADED.findall(path.read_text())}
    assert loaded <= names


def test_no_module_is_named_for_nothing():
    assert not [path for path in files() if path.stem.strip("_") in MEANINGLESS or path.parent.name in MEANINGLESS]


def test_no_file_is_too_long():
    lengths = {path: len(path.read_text().splitlines()) for path in files() if path.suffix in TEXTS}
    assert not {path.as_posix(): lines for path, lines in lengths.items() if lines > LONGEST}


def named_in(text: str) -> set[str]:
    """The distributions a requirements.in names, spelled as the index spells them."""
    names = re.findall(r"^([A-Za-z0-9._-]+)", text, re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower() for name in names}


def unlisted(text: str) -> set[str]:
    """Libraries that the programs import and the text doesn't name."""
    tops = set()
    for path in (PROJECT / "manage.py", *(path for path in files("radiorate", "generation") if path.suffix == ".py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                tops |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                tops.add(node.module.partition(".")[0])
    foreign = tops - sys.stdlib_module_names - {"radiorate", "generation", "tests"}
    makers = packages_distributions()
    listed = named_in(text)
    return {
        top for top in foreign if not {re.sub(r"[-_.]+", "-", name).lower() for name in makers.get(top, [top])} & listed
    }


def test_every_library_imported_is_listed():
    # The second list is an install of its own, and may not be here.
    text = "".join((PROJECT / f"requirements{part}.in").read_text() for part in ("", "-diffusers"))
    assert unlisted(text) == set()
    assert unlisted(text.replace("\nstructlog", "\n# ")) == {"structlog"}, "the control"


def addresses(under: URLResolver) -> Iterator[URLPattern]:
    for found in under.url_patterns:
        if isinstance(found, URLResolver):
            yield from addresses(found)
        else:
            yield found


def test_every_address_has_a_name():
    assert not [str(found.pattern) for found in addresses(get_resolver()) if not found.name]


@pytest.mark.parametrize("room", HEIGHT)
def test_every_room_has_its_addresses_templates_and_tests(room):
    package = PROJECT / room if room == "generation" else PROJECT / "radiorate" / room
    assert (package / "urls.py").is_file()
    assert (PROJECT / "templates" / room).is_dir()
    assert list((PROJECT / "tests" / room).glob("test_*.py"))


def test_nothing_inline_for_the_content_security_policy_to_block():
    inline = re.compile(r"<style|\sstyle=|\son\w+=\"|<script(?![^>]*\ssrc=)(?![^>]*application/json)", re.IGNORECASE)
    leave = {"report.html", "_open.html"}  # files of their own, read without our policy: a report, a figure as SVG
    pages = [path for path in files("templates") if path.name not in leave]
    assert not [path.as_posix() for path in pages if inline.search(path.read_text())]
