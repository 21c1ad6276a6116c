"""Files on disk and in an S3-speaking server: private, never overwritten, and the same as their rows say."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings as django_settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.test import Client

from radiorate.images import blinding, checkup, intake, previews, rendition
from radiorate.images.facts import NOTHING_TOLD
from radiorate.images.models import Image
from tests import factories
from tests.conftest import eventually

BUCKET = "radiographs"
KEYS = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """A moto server in its own process, with one private bucket."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    argv = [str(Path(sys.executable).with_name("moto_server")), "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: _answers(url))
        _client(url).create_bucket(Bucket=BUCKET)
        yield url
    finally:
        server.terminate()
        server.wait(10)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5).status_code < 500
    except httpx.HTTPError:
        return False


def _client(url: str) -> Any:
    import boto3

    return boto3.client("s3", endpoint_url=url, **KEYS)


@pytest.fixture
def s3(s3_url: str, settings: Any) -> str:
    """The default store on S3 with the options of settings.py."""
    program = "import json; from radiorate import settings; print(json.dumps(settings.STORAGES['default']))"
    answer = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "STORAGE": "s3",
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": s3_url,
            "S3_ACCESS_KEY": "key",
            "S3_SECRET_KEY": "secret",
        },
        cwd=django_settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=True,
    )
    settings.STORAGES = {**settings.STORAGES, "default": json.loads(answer.stdout)}
    return s3_url


def test_an_object_on_s3_is_private_and_never_overwritten(s3: str) -> None:
    first = default_storage.save("originals/a.png", ContentFile(b"one"))
    second = default_storage.save("originals/a.png", ContentFile(b"two"))
    assert first != second
    with default_storage.open(first) as stored:
        assert stored.read() == b"one"
    grants = _client(s3).get_object_acl(Bucket=BUCKET, Key=first)["Grants"]
    assert all("AllUsers" not in grant["Grantee"].get("URI", "") for grant in grants)
    link = default_storage.url(first)
    assert "X-Amz-Signature" in link and "X-Amz-Expires=300" in link
    for name in (first, second):
        default_storage.delete(name)
    assert not default_storage.exists(first)


def test_with_the_librarys_own_defaults_an_object_is_overwritten(s3: str, settings: Any) -> None:
    """The control of the test above."""
    options = {**settings.STORAGES["default"]["OPTIONS"], "file_overwrite": True}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}
    assert default_storage.save("originals/b.png", ContentFile(b"one")) == "originals/b.png"
    assert default_storage.save("originals/b.png", ContentFile(b"two")) == "originals/b.png"
    default_storage.delete("originals/b.png")


@pytest.mark.django_db
def test_images_renditions_and_the_check_work_on_s3(s3: str) -> None:
    image = intake.store(factories.png(), "a.png", factories.collection(), NOTHING_TOLD)
    made = [rendition.make(image, "r1/256/crop-1.00"), rendition.make(factories.image(), "r1/256/crop-1.00")]
    assert blinding.check(made) == [] and list(checkup.findings()) == []
    default_storage.delete(str(image.original))
    assert [finding.problem for finding in checkup.findings()] == ["missing"]


@pytest.mark.django_db
def test_a_store_that_is_away_leaves_no_row(s3: str, settings: Any) -> None:
    options = {**settings.STORAGES["default"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:9"}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": options}}
    with pytest.raises(Exception, match=r"127\.0\.0\.1:9"):
        intake.store(factories.png(), "a.png", factories.collection(), NOTHING_TOLD)
    assert not Image.objects.exists()


@pytest.mark.django_db
def test_files_on_disk_are_served_at_no_address(client: Client) -> None:
    client.force_login(factories.admin())
    image = factories.image()
    assert client.get(default_storage.url(str(image.original))).status_code == 404


def lose(image: Image) -> None:
    default_storage.delete(str(image.original))


def spoil(image: Image) -> None:
    Path(image.original.path).write_bytes(b"other")


def leave(image: Image) -> None:
    default_storage.save("originals/nobody.png", ContentFile(b"x"))


def leave_preview(image: Image) -> None:
    default_storage.save("previews/nobody-256.png", ContentFile(b"x"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fault", "problem"), [(lose, "missing"), (spoil, "differs"), (leave, "orphan"), (leave_preview, "orphan")]
)
def test_the_check_finds_what_is_wrong(fault: Callable[[Image], None], problem: str) -> None:
    image = intake.store(factories.png(), "a.png", factories.collection(), NOTHING_TOLD)
    rendition.make(image, "r1/256/pad")
    previews.preview(image, previews.THUMBNAIL)
    answer = StringIO()
    call_command("check_store", json=True, stdout=answer)
    assert json.loads(answer.getvalue()) == {"findings": []}
    fault(image)
    answer = StringIO()
    with pytest.raises(SystemExit):
        call_command("check_store", json=True, stdout=answer)
    assert [finding["problem"] for finding in json.loads(answer.getvalue())["findings"]] == [problem]
