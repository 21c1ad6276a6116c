"""How numbers are said."""

import pytest

from radiorate.results import wording


def gap(value, low, high, pairs=20, method="satterthwaite"):
    return {"value": value, "low": low, "high": high, "pairs": pairs, "method": method}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (gap(0.42, 0.26, 0.58), "−0.42 [−0.58, −0.26]"),
        (gap(-0.1, -0.3, 0.0), "+0.10 [0.00, +0.30]"),
        (gap(0.42, 0.26, 0.58, pairs=9), "— 9 pairs: too few"),
        (gap(0.42, 0.26, 0.58, pairs=1), "— 1 pair: too few"),
        (
            gap(1.0, None, None, method="undefined: the readings do not vary"),
            "−1.00, no interval: the readings do not vary",
        ),
    ],
)
def test_a_difference_is_synthetic_minus_real_with_its_interval_or_the_reason(found, words):
    assert wording.difference(found) == words


@pytest.mark.parametrize(
    ("found", "trials", "words"),
    [
        (gap(0.71, 0.64, 0.78), 90, "71 % [64, 78]"),
        (gap(0.0, 0.0, 0.161), 20, "0 %, at most 16 %"),
        (gap(1.0, 0.839, 1.0), 20, "100 %, at least 84 %"),
        (gap(0.62, 0.12, 1.12), 60, "62 % [12, 100]"),
        (gap(0.5, 0.2, 0.8), 8, "— 8 pairs: too few"),
        (gap(None, None, None), 0, "— nothing rated"),
    ],
)
def test_a_share_is_said_within_0_and_100_percent(found, trials, words):
    assert wording.share(found, trials) == words
