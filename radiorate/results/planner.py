"""How many readers and pairs a study needs: the page, and the variances a pilot gives."""

from typing import Any

from django import forms

from radiorate.results import analysis, wording
from radiorate.results.dataset import REAL, SYNTHETIC, Dataset, load
from radiorate.results.figures import grid
from radiorate.results.plots import Plot, Table
from radiorate.results.statistics import mrmc, planning
from radiorate.studies.models import Study

READERS, PAIRS = (3, 4, 6, 8, 12, 20), (20, 40, 80, 160, 320)
RUNS, SEED = 1000, 1
ASSUMED = {"reader": 0.10, "case": 0.25, "residual": 0.80}  # of a paired difference on a scale of five, without a pilot

Json = dict[str, Any]
Variances = dict[str, float]


class BadPilot(ValueError):
    """Why a pilot gives no variances."""


def of_pilot(dataset: Dataset, criterion: str = "") -> tuple[dict[str, Variances], list[str]]:
    """One criterion's variances as the pilot has them, and with caution; and what is to be known of them.

    criterion: its key, the first by name where none is given. Raises BadPilot.
    """
    keys = sorted(scale.key for scale in dataset.criteria)
    if not keys:
        raise BadPilot("the pilot has no scores")
    chosen = criterion or keys[0]
    if chosen not in keys:
        raise BadPilot(f"{chosen}: the pilot has {', '.join(keys)}")
    scores = dataset.scores[[scale.key for scale in dataset.criteria].index(chosen)]
    cells = mrmc.readings(scores[:, :, REAL] - scores[:, :, SYNTHETIC])
    readers, pairs = len(set(cells[1].tolist())), len(set(cells[2].tolist()))
    if readers < 2 or pairs < 2:
        raise BadPilot(f"{chosen}: two readers and two pairs at least, and the pilot has {readers} and {pairs}")
    found, cautious = mrmc.variance_components(*cells), mrmc.cautious_components(*cells)
    warnings = [
        f"The variances are those of {chosen} in a pilot of {readers} readers and {pairs} pairs, and as unsure as "
        "that: the cautious ones are their upper limits at 80 %."
    ]
    if dataset.simulated:
        warnings.append("The pilot's ratings are simulated: a program made them, no person.")
    if cut := [name for name in planning.COMPONENTS if not found[name] >= 0]:
        warnings.append(f"Estimated below 0, so taken for 0 in the likely ones: {', '.join(cut)}.")
    return {"likely": {name: max(found[name], 0.0) for name in planning.COMPONENTS}, "cautious": cautious}, warnings


def _variance(label: str, initial: float, help_text: str = "") -> forms.FloatField:
    return forms.FloatField(
        label=label, initial=initial, min_value=0, max_value=100, required=False, help_text=help_text
    )


class PlanForm(forms.Form):
    effect = forms.FloatField(
        label="True difference to be found", initial=0.5, min_value=0, max_value=10, help_text="Points of the scale."
    )
    power = forms.IntegerField(
        label="Wanted power, percent", initial=80, min_value=50, max_value=99, help_text="Chance to find it."
    )
    half_width = forms.FloatField(
        label="Interval no wider than ±",
        required=False,
        min_value=0.01,
        max_value=10,
        help_text="Points; may be empty.",
    )
    pilot = forms.ModelChoiceField(
        Study.objects.none(),
        required=False,
        empty_label="none: the variances below",
        help_text="A study whose seal is broken.",
    )
    criterion = forms.SlugField(required=False, help_text="Of the pilot; empty: its first by name.")
    reader = _variance("Variance between readers", ASSUMED["reader"], "Of the difference real minus synthetic.")
    case = _variance("Variance between pairs", ASSUMED["case"])
    residual = _variance("Remaining variance", ASSUMED["residual"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = Study.objects.filter(state=Study.State.CLOSED) | Study.objects.filter(unsealed_at__isnull=False)
        self.fields["pilot"].queryset = told.order_by("title")  # type: ignore[attr-defined]

    def assumed(self) -> tuple[dict[str, Variances], list[str]]:
        """The variances to plan with, by how they were got, and what is to be known of them. Raises BadPilot."""
        given = self.cleaned_data
        if given["pilot"]:
            return of_pilot(load(given["pilot"]), given["criterion"])
        return {"assumed": {name: given[name] or 0.0 for name in planning.COMPONENTS}}, [
            "Without a pilot the variances are assumptions: the answer is as good as they are."
        ]


def page(query: Any) -> Json:
    """The form and, where it is valid, a grid for each set of variances and the least effort that reaches the goal."""
    form = PlanForm(query or {name: field.initial for name, field in PlanForm().fields.items()})
    if not form.is_valid():
        return {"form": form}
    try:
        assumed, notes = form.assumed()
        plans = [_plan(name, variances, form.cleaned_data) for name, variances in assumed.items()]
    except ValueError as problem:
        form.add_error(None, str(problem))
        return {"form": form}
    return {"form": form, "plans": plans, "notes": notes, "runs": RUNS, "seed": SEED}


def _plan(name: str, variances: Variances, wanted: Json) -> Json:
    rows = analysis.plain(planning.grid(list(READERS), list(PAIRS), wanted["effect"], variances, RUNS, SEED))
    by_cell = {(row["readers"], row["pairs"]): row for row in rows}

    def is_enough(row: Json) -> bool:
        narrow = not wanted["half_width"] or row["half_width"] <= wanted["half_width"]
        return bool(100 * row["power"] >= wanted["power"] and narrow)

    def cell(readers: int, pairs: int) -> tuple[float, str, bool]:
        row = by_cell[readers, pairs]
        words = f"{readers} readers, {pairs} pairs: power {wording.percent(row['power'])}, ± {row['half_width']:.2f}"
        return row["power"], words, is_enough(row)

    enough = [row for row in rows if is_enough(row)]
    best = min(enough, key=lambda row: (row["readers"] * row["pairs"], row["readers"]), default=None)
    told = ", ".join(f"{key} {value:.2f}" for key, value in variances.items())
    answer = (
        f"The least reading that is enough: {best['readers']} readers of {best['pairs']} pairs, "
        f"power {wording.percent(best['power'])}, interval ± {best['half_width']:.2f}."
        if best
        else "Nothing in this grid is enough: with few readers more pairs do not help, because readers differ."
    )
    figure = grid.draw(
        READERS,
        PAIRS,
        cell,
        title=f"Power by readers and pairs, {name} variances",
        description=answer,
        across="pairs",
        up="readers",
    )
    head = ["Readers", "Pairs", "Power", "Its error", "Interval ±", "Standard error", "With ever more pairs"]
    keys = ("readers", "pairs", "power", "monte_carlo_error", "half_width", "standard_error", "reader_wall")
    table = Table(head, [[row[key] for key in keys] for row in rows])
    caption = f"Variances: {told}. Framed: reaches the goal. Numbers in cells: power."
    return {"plot": Plot(f"With the {name} variances", caption, "grid", figure, table), "answer": answer, "best": best}
