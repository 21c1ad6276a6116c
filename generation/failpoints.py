"""Named points at which a worker dies as in a power cut, so that a test can visit every one of them.

`FAILPOINT=name` in a process' environment arms one; nothing else does. In the order of a job's life:
unsent (launched, no message published), claimed, begun (the attempt is committed, nothing sent), answered (the
provider's answer is in memory only), handled (an order the provider took is stored), stored (the image is in the open
transaction), succeeded (all is committed, the message isn't acknowledged).
"""

import os

from django.conf import settings


def reach(name: str) -> None:
    """End the process without any farewell when this point is armed."""
    if name == settings.FAILPOINT:
        os._exit(137)
