"""Where the demonstration's radiographs come from, met over real HTTP and a real wheel."""

import csv
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from radiorate.demo import sources
from radiorate.images import decoding
from tests import factories


class Commons(http.server.ThreadingHTTPServer):
    """Answers every listed file but the missing ones with a picture, as Special:FilePath does."""

    missing: set[str]
    mime = "image/png"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/wiki/Special:FilePath"


class Answer(http.server.BaseHTTPRequestHandler):
    server: Commons

    def do_GET(self) -> None:
        name = unquote(urlsplit(self.path).path.rpartition("/")[2])
        if name in self.server.missing:
            self.send_error(404)
            return
        data = factories.png(seed=len(name))
        self.send_response(200)
        self.send_header("Content-Type", self.server.mime)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def commons(settings, tmp_path: Path) -> Iterator[Commons]:
    settings.VAR = tmp_path
    settings.DEMO_IMAGES = ""
    with Commons(("127.0.0.1", 0), Answer) as server:
        server.missing = set()
        settings.DEMO_COMMONS_URL = server.url
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def manifest(folder: Path) -> list[dict[str, str]]:
    with (folder / "manifest.csv").open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_commons_files_come_with_licence_author_and_page(commons, tmp_path):
    source = sources.find()
    rows = manifest(source.folder)
    assert len(rows) == len(list(source.folder.iterdir())) - 1 > 10
    assert all(row["licence"] and row["attribution"] and row["origin"] == "real" for row in rows)
    assert all(row["source"].startswith("https://commons.wikimedia.org/wiki/File:") for row in rows)


def test_a_file_gone_from_commons_is_left_out(commons, tmp_path):
    with sources.COMMONS_LIST.open(newline="", encoding="utf-8") as listing:
        commons.missing = {next(csv.DictReader(listing))["file"]}
    names = {row["file"] for row in manifest(sources.find().folder)}
    assert names and not names & commons.missing


def test_without_a_network_the_wheel_is_used(commons, settings, tmp_path):
    commons.shutdown()
    commons.server_close()
    source = sources.find(timeout_seconds=0.5)
    assert not list(settings.VAR.glob("*.partial"))
    assert [row["file"] for row in manifest(source.folder)] == [name for name, _, _ in sources.WHEEL_FILES]
    assert all((source.folder / name).stat().st_size > 1_000_000 for name, _, _ in sources.WHEEL_FILES)


def test_behind_a_sign_in_page_of_the_network_the_wheel_is_used(commons, tmp_path):
    commons.mime = "text/html"
    assert [row["file"] for row in manifest(sources.find().folder)] == [name for name, _, _ in sources.WHEEL_FILES]


def test_an_interrupted_fetch_leaves_no_folder(commons, settings, tmp_path, monkeypatch):
    written = sources.write_manifest
    monkeypatch.setattr(sources, "write_manifest", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        sources.fetch_commons(tmp_path / "demo", 1)
    assert list(tmp_path.iterdir()) == []
    monkeypatch.setattr(sources, "write_manifest", written)
    assert sources.fetch_commons(tmp_path / "demo", 1) > 10


def test_a_named_folder_without_manifest_is_refused_in_words(settings, tmp_path):
    settings.DEMO_IMAGES = str(tmp_path)
    with pytest.raises(ValueError, match=r"has no manifest\.csv"):
        sources.find()


def test_the_radiographs_of_the_wheel_are_accepted(tmp_path):
    """They are DICOM files with a TIFF header in the preamble, as the standard allows."""
    source = sources.wheel(tmp_path / "samples")
    for row in manifest(source.folder):
        pixels = decoding.decode((source.folder / row["file"]).read_bytes())
        assert min(pixels.array.shape) > 1000
