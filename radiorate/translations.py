"""The texts of readers' pages in another language: what is to be translated, read out of the code, and the catalogue.

locale/<language>/LC_MESSAGES/django.po is edited by hand and `django.mo` is compiled from it, both by
`manage.py translations`, which needs no gettext tools. A text is named by its English: of `{% translate %}` in a
template, of `gettext` in Python, or of a rubric file.
"""

import ast
import json
import re
import struct
import tomllib
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

HEADER = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"
STRING = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
IN_TEMPLATE = re.compile(rf"\bn?gettext\({STRING}(?:, {STRING}, count)?\)")
FUNCTIONS = {"gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
LINE = re.compile(r'(msgid|msgid_plural|msgstr|msgstr\[[01]\]) (".*")')

Texts = dict[tuple[str, ...], list[str]]  # the English, with its plural where there is one; as many translations


def wanted() -> set[tuple[str, ...]]:
    """Every text that a reader's page may show, as `(English,)` or `(singular, plural)`."""
    code = settings.BASE_DIR / "radiorate"
    found = {text for path in (settings.BASE_DIR / "templates").rglob("*.*") for text in _of_template(path)}
    found |= {text for path in code.rglob("*.py") for text in _of_module(path)}
    return found | {(words,) for path in (code / "studies" / "rubrics").glob("*.toml") for words in _of_rubric(path)}


def _of_template(path: Path) -> Iterator[tuple[str, ...]]:
    for strings in IN_TEMPLATE.findall(templatize(path.read_text(), origin=str(path))):
        yield tuple(ast.literal_eval(string) for string in strings if string)


def _of_module(path: Path) -> Iterator[tuple[str, ...]]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FUNCTIONS:
            count = 2 if node.func.id.startswith("n") else 1
            strings = [part.value for part in node.args[:count] if isinstance(part, ast.Constant)]
            if len(strings) == count:  # else it is a word out of a row, which stands in a file of its own
                yield tuple(map(str, strings))


def _of_rubric(path: Path) -> Iterator[str]:
    rubric = tomllib.loads(path.read_text())
    for entry in (*rubric["criteria"], *rubric.get("tags", [])):
        yield from filter(
            None, (entry["label"], entry.get("hint"), *entry.get("anchors", {}).values(), *entry.get("expected", {}))
        )


def catalogue(language: str) -> Path:
    """The .po file of a language."""
    return Path(settings.BASE_DIR / "locale" / language / "LC_MESSAGES" / "django.po")


def read(path: Path) -> Texts:
    """What a .po file translates; nothing where there is no file. Texts stand in one line each."""
    texts: Texts = {}
    entry: list[str] = []
    for kind, text in LINE.findall(path.read_text()) if path.exists() else []:
        if kind == "msgid":
            entry = []
        if kind.startswith("msgid"):
            entry.append(json.loads(text))
        elif entry != [""]:
            texts.setdefault(tuple(entry), []).append(json.loads(text))
    return texts


def page(texts: Texts) -> str:
    """Those texts as a .po file."""
    lines = ["# Written by `manage.py translations`; the lines that begin with msgstr are yours.", 'msgid ""']
    lines += [f"msgstr {json.dumps(HEADER)}"]
    for english in sorted(texts):
        names = ["msgid", "msgid_plural"][: len(english)]
        ends = ["msgstr[0]", "msgstr[1]"] if len(english) == 2 else ["msgstr"]
        pairs = zip([*names, *ends], [*english, *texts[english]], strict=True)
        lines += ["", *(f"{name} {json.dumps(text, ensure_ascii=False)}" for name, text in pairs)]
    return "\n".join(lines) + "\n"


def compiled(texts: Texts) -> bytes:
    """Those texts as a .mo file: two tables of (length, offset), then the strings, each ended by a zero byte."""
    entries = {"": HEADER} | {"\0".join(english): "\0".join(words) for english, words in texts.items() if all(words)}
    rows = sorted((key.encode(), value.encode()) for key, value in entries.items())
    first = 28  # bytes of the head
    tables, strings = [b"", b""], b""
    for column in (0, 1):
        for row in rows:
            tables[column] += struct.pack("<2I", len(row[column]), first + 16 * len(rows) + len(strings))
            strings += row[column] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(rows), first, first + 8 * len(rows), 0, first + 16 * len(rows))
    return head + tables[0] + tables[1] + strings


def updated(language: str) -> Texts:
    """The catalogue with every text that is wanted, empty where it is new, and none that no page shows any more."""
    known = read(catalogue(language))
    return {english: known.get(english, [""] * len(english)) for english in wanted()}
