"""docker-compose.yml and Dockerfile: what holds without an engine."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import PROJECT

OURS = ("migrate", "web", "worker-images", "worker-services", "worker-computing", "beat")
SERVICES = {*OURS, "proxy", "postgres", "redis", "s3"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return yaml.safe_load((PROJECT / "docker-compose.yml").read_text())


def dockerfile() -> str:
    return (PROJECT / "Dockerfile").read_text()


def schema_says(file: Path) -> "subprocess.CompletedProcess[str]":
    """The verdict of the Compose specification's schema."""
    argv = [str(Path(sys.executable).with_name("check-jsonschema")), "--builtin-schema", "vendor.compose-spec"]
    return subprocess.run([*argv, str(file)], capture_output=True, text=True, check=False)


def test_the_file_is_one_that_compose_reads() -> None:
    verdict = schema_says(PROJECT / "docker-compose.yml")
    assert verdict.returncode == 0, verdict.stdout


def test_control_a_misspelt_key_is_seen(tmp_path: Path) -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    wrong = tmp_path / "docker-compose.yml"
    wrong.write_text(text.replace("read_only: true", "readonly: true", 1))
    verdict = schema_says(wrong)
    assert verdict.returncode == 1 and "readonly" in verdict.stdout


def test_every_service_of_the_design_is_there(compose: dict[str, Any]) -> None:
    assert set(compose["services"]) == SERVICES


def test_only_the_proxy_publishes_ports(compose: dict[str, Any]) -> None:
    assert [name for name, service in compose["services"].items() if "ports" in service] == ["proxy"]


def test_stores_are_on_the_closed_network_alone(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("postgres", "redis", "s3"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_every_service_that_stays_up_is_watched(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        inherits = name == "web" and "HEALTHCHECK" in dockerfile()
        excused = name in ("migrate", "beat")  # one ends, the other is watched by /readyz
        assert inherits or excused or service["healthcheck"]["test"], name


def test_our_processes_run_without_rights_on_a_read_only_disk(compose: dict[str, Any]) -> None:
    assert re.search(r"^USER 10001$", dockerfile(), re.MULTILINE)
    for name in OURS:
        service = compose["services"][name]
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_nothing_serves_before_the_tables_are_there(compose: dict[str, Any]) -> None:
    for name in ("web", "worker-images", "worker-services", "worker-computing", "beat"):
        assert compose["services"][name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}


def test_data_are_in_named_volumes_where_the_images_keep_them(compose: dict[str, Any]) -> None:
    mounts = [volume for service in compose["services"].values() for volume in service.get("volumes", [])]
    assert {mount.split(":")[0] for mount in mounts} == set(compose["volumes"])
    # PostgreSQL 18's image refuses a volume at .../data.
    assert compose["services"]["postgres"]["volumes"] == ["database:/var/lib/postgresql"]


def test_no_secret_stands_in_the_file_and_each_is_explained(compose: dict[str, Any]) -> None:
    text = (PROJECT / "docker-compose.yml").read_text()
    example = (PROJECT / ".env.example").read_text()
    for variable in set(re.findall(r"\$\{(\w+)", text)):
        assert re.search(rf"^#?{variable}=", example, re.MULTILINE), f"{variable} is not in .env.example"
    for secret in ("SECRET_KEY", "POSTGRES_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY"):
        assert re.search(rf"^{secret}=$", example, re.MULTILINE), f"{secret} has a value in .env.example"
        assert f"${{{secret}:?" in text, f"compose starts without {secret}"


def test_containers_and_procfile_run_the_same_workers(compose: dict[str, Any]) -> None:
    lines = (PROJECT / "Procfile").read_text().splitlines()
    procfile = dict(re.split(r": (?:env (?:\S+=\S+ )+)?python -m ", line, maxsplit=1) for line in lines)
    for name in ("worker-images", "worker-services", "worker-computing", "beat"):
        assert " ".join(compose["services"][name]["command"]) == procfile[name]


def test_the_image_holds_what_the_programs_import() -> None:
    ignored = (PROJECT / ".dockerignore").read_text().split()
    for name in ("manage.py", "requirements.txt", "radiorate", "generation", "templates", "static"):
        assert f"!{name}" in ignored


def test_the_commands_start_as_written(
    compose: dict[str, Any], test_environment: dict[str, str], tmp_path: Path
) -> None:
    """Side by side, with production settings against the tests' servers: no LOCAL, named hosts, a proxy in front."""
    environment = {
        **test_environment,
        "LOCAL": "0",
        "ALLOWED_HOSTS": "radiorate.example,localhost",
        "CSRF_TRUSTED_ORIGINS": "https://radiorate.example",
        "PROXY_COUNT": "1",
        "VAR": str(tmp_path),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    log = tmp_path / "output.txt"
    processes = []
    try:
        for name in ("worker-images", "worker-services", "worker-computing", "beat"):
            command = compose["services"][name]["command"]
            with log.open("ab") as output:
                processes.append(subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=output, stderr=output))
        time.sleep(8)
        assert [process.poll() for process in processes] == [None] * 4, log.read_text()
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert "Traceback" not in log.read_text(), log.read_text()


def test_the_web_command_starts_as_written_and_serves_behind_the_proxy(test_environment: dict[str, str]) -> None:
    import json
    import socket

    import httpx

    from tests.conftest import eventually

    written = re.search(r"^CMD (\[.*\])$", dockerfile(), re.MULTILINE)
    assert written
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in json.loads(written[1])]
    environment = {
        **test_environment,
        "LOCAL": "0",
        "ALLOWED_HOSTS": "radiorate.example,localhost",
        "PROXY_COUNT": "1",
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    process = subprocess.Popen(command, cwd=PROJECT, env=environment)
    base = f"http://127.0.0.1:{port}"

    def answer(path: str, **headers: str) -> int:
        try:
            return httpx.get(base + path, headers=headers, timeout=60).status_code
        except httpx.HTTPError:
            return 0

    try:
        eventually(lambda: answer("/healthz", Host="localhost") == 200)
        proxied = {"Host": "radiorate.example", "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.1"}
        assert answer("/readyz", Host="localhost") == 200
        assert answer("/accounts/login/", **proxied) == 200
        assert answer("/accounts/login/", Host="radiorate.example") == 301, "plain http is sent to https"
        assert answer("/accounts/login/", Host="elsewhere.example") == 400
    finally:
        process.terminate()
        process.wait(20)
