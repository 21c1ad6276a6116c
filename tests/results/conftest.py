"""A study with simulated ratings, opened and rated through the real path."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def rated_study(db: None) -> Callable[..., Any]:
    """rated_study(pairs=12, readers=4, closed=True, **fields): its readers have rated everything."""
    from radiorate.results import simulation
    from radiorate.studies import lifecycle
    from tests import factories

    def make(pairs: int = 12, readers: int = 4, *, closed: bool = True, seed: int = 5, **fields: Any) -> Any:
        study = factories.open_study(pairs, readers, simulated=True, **fields)
        simulation.simulate(study, seed)
        if closed:
            lifecycle.close_study(study, None)
        study.refresh_from_db()
        return study

    return make
