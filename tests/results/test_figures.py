"""Plots as numbers: scales, ticks, positions."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from radiorate.results.figures import curve, diverging, heat, interval, panels, scale, stream, strip

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
    counts = {(0, 0): 1, (3, 5): 6, (11, 11): 99}
    maps = [heat.Map("hand", "real", {}, ""), heat.Map("hand", "gen", counts, ""), heat.Map("knee", "gen", {}, "")]
    figure = heat.draw(maps, title="", description="")
    empty, drawn, below = figure.maps
    assert [(cell.x // heat.CELL, cell.y // heat.CELL, cell.level) for cell in drawn.cells] == [
        (0, 0, 1),
        (3, 5, 3),
        (11, 11, 4),
    ]
    assert empty.cells == below.cells == []
    assert (empty.y, drawn.x) == (drawn.y, below.x)
    assert [name for name, _ in figure.rows] == ["hand", "knee"]


def test_a_curve_runs_from_corner_to_corner_and_only_the_named_are_in_the_key():
    points = [[0, 0], [0.2, 0.7], [1, 1]]
    figure = curve.draw(
        [curve.Curve("All", points), curve.Curve("", points)], title="", description="", across="", up=""
    )
    thin, named = figure.lines
    assert (thin.series, thin.marks, named.series, len(named.marks)) == (0, [], 1, 1)
    assert named.path.startswith(f"M{curve.LEFT} {curve.BOTTOM}") or named.path.startswith(f"M{curve.LEFT}.0")
    assert named.path.endswith(f"{float(curve.RIGHT)} {float(curve.TOP)}")


def test_a_series_beyond_the_last_shape_is_drawn_in_the_look_of_the_first():
    curves = [curve.Curve(str(place), [[0, 0], [1, 1]]) for place in range(len(strip.SHAPES) + 1)]
    lines = curve.draw(curves, title="", description="", across="", up="").lines
    row = ("R1", [1.0] * len(curves))
    marks = strip.draw([row], [""] * len(curves), title="", description="", reference=0, bounds=(-2, 2), tick=str)
    assert [line.series for line in lines] == [mark.series for mark in marks.rows[0][2]] == [1, 2, 3, 4, 5, 6, 1]


def test_a_strip_has_a_shape_for_each_series_and_none_where_a_number_is_missing():
    rows = [("R1", [0.5, None]), ("R2", [-0.5, 1.0])]
    figure = strip.draw(rows, ["a", "b"], title="", description="", reference=0, bounds=(-2, 2), tick=str)
    first, second = (marks for _, _, marks in figure.rows)
    assert [mark.series for mark in first] == [1]
    assert [mark.series for mark in second] == [1, 2]
    assert second[0].x < figure.reference < first[0].x < second[1].x
    assert len({shape for *_, shape, _ in figure.key}) == 2


def test_a_panel_leaves_a_gap_where_nothing_is_known():
    steps = [panels.Step("1", 2.0, 1.0, 3.0), panels.Step("2", None), panels.Step("3", 4.0)]
    figure = panels.draw([panels.Panel("a", steps, (1, 5), str)] * 4, title="", description="")
    assert [(panel.x, panel.y) for panel in figure.panels][3] == (0, panels.PANEL_HEIGHT)
    (_, y, low, high), (_, _, *none) = figure.panels[0].marks
    assert high < y < low
    assert none == [None, None]


def test_a_flow_says_beside_each_arrow_what_was_lost():
    stages = [stream.Stage("Ordered", 9, ["2 refused", "1 failed"]), stream.Stage("Delivered", 6)]
    figure = stream.draw([("Real", [None, stages[1]]), ("Synthetic", stages)], title="", description="")
    real, ordered, delivered = figure.boxes
    assert real.y == delivered.y == ordered.arrow_end
    assert [line for _, line in ordered.lost] == ["2 refused", "1 failed"]
    assert ordered.lost[-1][0] < delivered.y


def test_a_reason_that_has_no_room_beside_the_plot_stands_in_its_description():
    words = "100 %, no interval: the readings do not vary"
    rows = [interval.Row("All", 1.0, None, None, words), interval.Row("R1", 0.5, 0.4, 0.6, "50 % [40, 60]")]
    drawn = interval.draw(rows, title="", description=words, reference=0.5, bounds=(0, 1), tick=str)
    assert [mark.row.beside for mark in drawn.marks] == ["100 %, no interval", "50 % [40, 60]"]
