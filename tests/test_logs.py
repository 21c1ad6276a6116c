"""What stands in the log: one line about an expected refusal, a traceback of a fault, and never a program's values."""

import json
import logging
import sys
from logging.config import DictConfigurator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from tests import factories


def warned(err: str) -> list[str]:
    return [line for line in err.splitlines() if "[warning" in line or "[error" in line]


@pytest.mark.parametrize(("kind", "status"), [("foreign", 403), ("missing", 404), ("host", 400), ("method", 405)])
def test_an_expected_refusal_is_one_line(db, capfd, kind, status):
    client = Client(headers={"host": "evil.example"}) if kind == "host" else Client()
    client.force_login(factories.user())
    address = {"missing": "/nowhere/", "method": reverse("home")}.get(kind, reverse("accounts:people"))
    capfd.readouterr()
    response = client.post(address) if kind == "method" else client.get(address)
    assert response.status_code == status
    err = capfd.readouterr().err
    assert "Traceback" not in err
    assert [line for line in warned(err) if "request_finished" in line or kind == "host"] == warned(err)
    assert len(warned(err)) == 1


def failed_record() -> logging.LogRecord:
    """As Django logs a fault of a view that held a patient's name."""

    def view(patient: str) -> None:
        raise ValueError("broken")

    try:
        view(" ".join(("DOE", "JOHN")))
    except ValueError:
        return logging.LogRecord("django.request", logging.ERROR, __file__, 1, "failed", None, sys.exc_info())
    raise AssertionError


@pytest.mark.parametrize("name", settings.LOGGING["formatters"])
def test_a_fault_has_a_traceback_without_the_values_in_it(name):
    configurator = DictConfigurator(settings.LOGGING)
    line = configurator.configure_formatter(configurator.config["formatters"][name]).format(failed_record())
    assert "in view" in line and "ValueError: broken" in line
    assert "DOE JOHN" not in line
    assert "error" in line and "django.request" in line
    if name == "json":
        assert json.loads(line)["event"] == "failed"
    else:
        assert "failed" in line.splitlines()[0]


def test_control_a_renderer_that_shows_values_is_seen():
    import structlog

    rich = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.rich_traceback)
    line = structlog.stdlib.ProcessorFormatter(processor=rich).format(failed_record())
    assert "DOE JOHN" in line
