"""radiorate's web application with faults a test can order: `gunicorn tests.reading.faulty`.

DEATH=/a/file: while the file is there, the next POST is worked off, committed, and its process dies before a byte of
the answer has left; where the file says `all`, every process of the server dies. UNGUARDED=1: each answer is stored
under an id of its own, as by a server that doesn't know repeats.
"""

import os
import signal
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from radiorate.wsgi import application as sound

DEATH = Path(os.environ.get("DEATH", "/nowhere"))


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    response = sound(environ, start_response)
    if environ["REQUEST_METHOD"] == "POST" and DEATH.exists():
        victims = DEATH.read_text()
        DEATH.unlink()
        if victims == "all":
            os.killpg(0, signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)
    return response


if os.environ.get("UNGUARDED"):
    from radiorate.reading import presentation, submission

    guarded = submission.submit

    def submit(shown: Any, *answer: Any) -> Any:
        last = getattr(shown.assignment, "rating", None)
        return guarded(presentation.show(shown.assignment, last.version if last else 0), *answer)

    submission.submit = submit
