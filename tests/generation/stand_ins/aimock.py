"""A stranger's image service: the npm package aimock in a process of its own, with its journal as the ledger."""

import json
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

PROJECT = Path(__file__).resolve().parents[3]
PROGRAM = PROJECT / "node_modules" / "@copilotkit" / "aimock" / "dist" / "cli.js"


class Aimock:
    """`with Aimock(fixtures, folder) as service`; skips the test where Node or the package is missing."""

    def __init__(self, fixtures: list[dict[str, Any]], folder: Path) -> None:
        if not (shutil.which("node") and PROGRAM.is_file()):
            pytest.skip("aimock is not here: it takes Node and `npm ci --ignore-scripts`, which `make test` does")
        self.fixtures = folder / "fixtures.json"
        self.fixtures.write_text(json.dumps({"fixtures": fixtures}))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> "Aimock":
        self._http = httpx.Client(base_url=self.url, timeout=60)
        command = ["node", str(PROGRAM), "-p", str(self.port), "-f", str(self.fixtures), "--log-level", "warn"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        ends = time.monotonic() + 60
        while time.monotonic() < ends and self._process.poll() is None:
            try:
                self._http.get("/__aimock/health")
                return self
            except httpx.TransportError:
                time.sleep(0.05)
        self._process.kill()
        raise RuntimeError(f"aimock did not start: {self._process.communicate()[0].decode()}")

    def __exit__(self, *_: object) -> None:
        self._http.close()
        self._process.terminate()
        self._process.communicate()

    def journal(self) -> list[dict[str, Any]]:
        """Every request since the last question, oldest first."""
        entries = self._http.get("/__aimock/journal").json()
        self._http.post("/__aimock/reset/journal")
        return entries
