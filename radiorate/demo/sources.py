"""Where the demonstration's real radiographs come from: a named folder, Wikimedia Commons, or a wheel.

None of them is part of the project. Each source is a folder with a manifest.csv, which names licence and attribution.
"""

import csv
import http.client
import importlib.util
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

COMMONS_LIST = Path(__file__).with_name("commons.csv")
COLUMNS = ["file", "origin", "region", "view", "laterality", "sex", "source", "licence", "attribution"]
FILE_LIMIT_BYTES = 20_000_000
# The two plain radiographs among pydicom's sample files; both are NEMA WG-04 compression samples.
WHEEL_FILES = [("RG1_UNCR.dcm", "chest", "PA"), ("RG3_UNCR.dcm", "leg", "AP")]


@dataclass(frozen=True)
class Source:
    """A folder with a manifest, and the words in which a page names it."""

    folder: Path
    words: str


def find(timeout_seconds: float = 3) -> Source:
    """The best source there is here and now: the folder in RADIORATE_DEMO_IMAGES, else Commons, else the wheel."""
    if settings.DEMO_IMAGES:
        return named_folder(Path(settings.DEMO_IMAGES))
    fetched = settings.VAR / "demo-radiographs"
    if not (fetched / "manifest.csv").exists():
        try:
            fetch_commons(fetched, timeout_seconds)
        except OSError:  # no network here: urllib's errors and time-outs are all of this kind
            return wheel(settings.VAR / "demo-samples")
    return Source(fetched, "public-domain and CC0 radiographs from Wikimedia Commons")


def named_folder(folder: Path) -> Source:
    """The folder an operator named. Raises ValueError when it has no manifest."""
    if not (folder / "manifest.csv").is_file():
        raise ValueError(f"RADIORATE_DEMO_IMAGES: {folder} has no manifest.csv.")
    return Source(folder, f"the radiographs in the folder {folder.name}, as its manifest describes them")


def fetch_commons(folder: Path, timeout_seconds: float, progress: Callable[[str], None] = lambda _: None) -> int:
    """The number of radiographs fetched into the folder, whose manifest is written last.

    A file that is gone from Commons is left out. Raises OSError when the site can't be reached at all.
    """
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        fetched = _fetch(partial, timeout_seconds, progress)
        write_manifest(partial, fetched)
        shutil.rmtree(folder, ignore_errors=True)
        partial.rename(folder)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return len(fetched)


def _fetch(folder: Path, timeout_seconds: float, progress: Callable[[str], None]) -> list[dict[str, str]]:
    """The rows of the files that came; raises OSError when none did."""
    fetched = []
    with COMMONS_LIST.open(newline="", encoding="utf-8") as listing:
        for row in csv.DictReader(listing):
            name = row["file"]
            # The file's own URL answers with a redirect to the picture; 2,000 pixels are more than a canvas holds.
            url = f"{settings.DEMO_COMMONS_URL}/{urllib.parse.quote(name)}?width=2000"
            request = urllib.request.Request(url, headers={"User-Agent": "radiorate-demo/0.1"})  # noqa: S310
            try:
                with urllib.request.urlopen(request, timeout=timeout_seconds) as answer:  # noqa: S310
                    if answer.headers.get_content_maintype() != "image":
                        # A network that wants a sign-in first answers every address with its own page.
                        raise OSError("what came is no picture")
                    data = answer.read(FILE_LIMIT_BYTES + 1)
            except urllib.error.HTTPError as error:
                if error.code in (404, 410):
                    continue
                raise
            except http.client.HTTPException as error:
                raise OSError(f"what came is no answer: {error}") from error
            if len(data) > FILE_LIMIT_BYTES:
                continue
            (folder / name).write_bytes(data)
            page = f"https://commons.wikimedia.org/wiki/File:{name}"
            fetched.append(row | {"origin": "real", "source": page})
            progress(name)
    if not fetched:
        raise OSError("none of the listed files could be fetched")
    return fetched


def wheel(folder: Path) -> Source:
    """A folder with the two radiographs of the pydicom-data wheel."""
    found = importlib.util.find_spec("data_store")
    if found is None or not found.submodule_search_locations:
        raise ValueError("pydicom-data is not installed: install requirements.txt again.")
    samples = Path(next(iter(found.submodule_search_locations))) / "data"
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, region, view in WHEEL_FILES:
        shutil.copyfile(samples / name, folder / name)
        rows.append(
            {
                "file": name,
                "origin": "real",
                "region": region,
                "view": view,
                "source": "pydicom-data (NEMA WG-04 compression samples)",
                "licence": "MIT (pydicom-data)",
                "attribution": "NEMA WG-04 compression samples, distributed by the pydicom project",
            }
        )
    write_manifest(folder, rows)
    return Source(folder, "the two sample radiographs of the pydicom-data package")


def write_manifest(folder: Path, rows: list[dict[str, str]]) -> None:
    """manifest.csv in the folder, one row a file."""
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, fieldnames=COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
