"""Plots as numbers: scales, ticks, positions."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radiorate.results.figures import diverging, heat, interval, scale

NUMBERS = st.floats(-4, 4).map(lambda number: round(number, 3))


@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_a_scale_holds_its_values_and_ticks_at_round_steps(values):
    to_x, ticks = scale.around([*values, 0], 100, 500, (-4, 4))
    assert all(100 <= to_x(value) <= 500 and to_x.low <= value <= to_x.high for value in values)
    assert 2 <= len(ticks) <= 8
    steps = {round(second - first, 9) for first, second in itertools.pairwise(ticks)}
    assert len(steps) == 1
    assert all(to_x.low <= tick <= to_x.high for tick in ticks)


def test_a_row_stands_where_its_numbers_are_and_is_cut_at_the_bounds():
    rows = [
        interval.Row("a", 0.5, 0.25, 0.75, ""),
        interval.Row("b", 0.9, 0.2, 1.4, ""),
        interval.Row("c", None, None, None, ""),
    ]
    drawn = interval.draw(rows, title="", description="", reference=0.5, bounds=(0, 1), tick=str)
    first, second, third = drawn.marks
    assert first.middle == drawn.reference
    assert first.middle - first.left == pytest.approx(first.right - first.middle, abs=0.11)
    assert second.right == interval.RIGHT
    assert (third.middle, third.left, third.right) == (None, None, None)
    assert first.y < second.y < third.y < drawn.bottom < drawn.height


@given(st.lists(st.lists(st.integers(0, 40), min_size=5, max_size=5), min_size=1, max_size=6))
def test_bars_have_lengths_by_share_and_the_middle_grade_in_the_middle(counts):
    bars = [diverging.Bar(f"criterion {index}", "real", each) for index, each in enumerate(counts)]
    figure = diverging.draw(bars, title="", description="")
    for drawn in figure.bars:
        if not drawn.n:
            assert drawn.segments == []
            continue
        assert [segment.colour for segment in drawn.segments] == [
            grade + 1 for grade, count in enumerate(drawn.bar.counts) if count
        ]
        middle = next((segment for segment in drawn.segments if segment.colour == 3), None)
        if middle:
            assert middle.x + middle.width / 2 == pytest.approx(figure.zero, abs=0.2)
        assert all(diverging.LEFT - 0.1 <= segment.x <= diverging.RIGHT for segment in drawn.segments)


def test_cells_are_coloured_by_fixed_classes():
    figure = heat.draw({(0, 0): 1, (3, 5): 6, (11, 11): 99}, title="", description="")
    by_place = {(cell.x // heat.CELL, cell.y // heat.CELL): cell for cell in figure.cells}
    assert len(figure.cells) == heat.CELLS**2
    assert [by_place[place].level for place in ((1, 1), (0, 0), (3, 5), (11, 11))] == [0, 1, 3, 4]


def test_a_reason_that_has_no_room_beside_the_plot_stands_in_its_description():
    words = "100 %, no interval: the readings do not vary"
    rows = [interval.Row("All", 1.0, None, None, words), interval.Row("R1", 0.5, 0.4, 0.6, "50 % [40, 60]")]
    drawn = interval.draw(rows, title="", description=words, reference=0.5, bounds=(0, 1), tick=str)
    assert [mark.row.beside for mark in drawn.marks] == ["100 %, no interval", "50 % [40, 60]"]
