"""A Chromium for the browser tests: the machine's own, else Playwright's, else Debian's package.

`python tests/browser.py` sees to it that there is one; exit 1 with one line where none can be had.
"""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Chromium's own sandbox refuses root; the rest keeps it from calling home and from a small /dev/shm.
ARGUMENTS = ["--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking", "--disable-sync"]
ARGUMENTS += ["--no-sandbox"] if os.geteuid() == 0 else []


def find(downloaded: str) -> str | None:
    """The path of a Chromium that starts, None where there is none; `downloaded` is where Playwright keeps its own."""
    return next((program for program in [*map(shutil.which, NAMES), downloaded] if program and _starts(program)), None)


def _starts(program: str) -> bool:
    """Whether it opens a page: a download without its system libraries does not."""
    argv = [program, "--headless", *ARGUMENTS, "--dump-dom", "about:blank"]
    try:
        return subprocess.run(argv, capture_output=True, timeout=60, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def main() -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        downloaded = playwright.chromium.executable_path
    if find(downloaded):
        return
    print("radiorate: fetching Chromium for the browser tests, once")
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)
    if not find(downloaded) and shutil.which("apt-get"):
        root = ["env"] if os.geteuid() == 0 else ["sudo", "-n"]
        for words in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", "chromium"]):
            subprocess.run([*root, "DEBIAN_FRONTEND=noninteractive", "apt-get", *words], check=False)
    if not find(downloaded):
        sys.exit("There is no Chromium, and none could be installed: put one on PATH for the browser tests.")


if __name__ == "__main__":
    main()
