"""The dashboard's page out of a summary: cards, figures and tables with their words, ready to be drawn."""

from dataclasses import dataclass
from typing import Any

from radiorate.results import wording
from radiorate.results.figures import diverging, heat, interval
from radiorate.results.summary import Flow, Pins, Summary, summarise
from radiorate.studies.models import Criterion, Study

Json = dict[str, Any]
UNKNOWN = wording.UNKNOWN


@dataclass(frozen=True)
class Card:
    value: str
    label: str


@dataclass(frozen=True)
class Table:
    """Head and rows of text; the first cell of a row names it."""

    head: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class Plot:
    """A figure with its words and the same numbers as a table."""

    heading: str
    caption: str
    figure: Any
    table: Table


def page(study: Study) -> Json:
    """The context of the page and of its refreshed part."""
    summary = summarise(study)
    labels = {criterion.key: criterion for criterion in study.rubric.criteria.all()}
    context: Json = {
        "study": study,
        "status": status(summary),
        "cards": cards(summary),
        "readers": summary.readers,
        "agreement": agreement_table(summary, labels),
        "agreement_note": wording.agreement(summary.analysis["n"]["readers"]),
        "withdrawn": list(study.pairs.filter(withdrawal__isnull=False).values_list("code", flat=True)),
        "flow": flow_table(summary.flow),
        "refreshes": study.is_open,
        "fewest_pairs": wording.FEWEST_PAIRS,
    }
    if not study.is_sealed and summary.analysis["n"]["pairs"]:
        context |= {
            "difference": difference_plot(summary.analysis, labels),
            "accuracy": accuracy_plot(summary.analysis),
            "distribution": distribution_plot(summary.analysis, labels),
            "groups": [
                group_table(summary.analysis, labels, "generator", "Generator"),
                group_table(summary.analysis, labels, "body_part", "Region"),
            ],
            "pins": summary.pins and pin_plot(summary.pins),
            "notes": summary.analysis["warnings"],
        }
    return context


def status(summary: Summary) -> str:
    """The state of the study in words; an open one says that its figures will change."""
    if summary.study.state == Study.State.DRAFT:
        return "draft, not open to readers yet"
    if summary.study.state == Study.State.CLOSED:
        return "closed, figures are final"
    if 0 < summary.planned <= summary.done:
        return f"open, all {summary.planned} ratings in: readers may still change them"
    return f"open, readers still at work: {summary.done} of {summary.planned} ratings, will change"


def cards(summary: Summary) -> list[Card]:
    """The five figures at the top; a sealed study shows nothing that depends on what was real."""
    n, finished = len(summary.readers), sum(reader.is_done for reader in summary.readers)
    first = [
        Card(f"{summary.done} / {summary.planned}", "ratings in"),
        Card(str(n), f"{'reader' if n == 1 else 'readers'}, {finished} done"),
    ]
    seconds = summary.median_seconds
    last = Card(UNKNOWN if seconds is None else f"{seconds:.0f} s", "median time a pair")
    if summary.study.is_sealed:
        missing, scored = summary.analysis["n"]["not_assessable"], summary.analysis["n"]["scores"]
        asked = missing + scored
        return [
            *first,
            Card(wording.percent(missing / asked) if asked else UNKNOWN, "of scores: not assessable"),
            Card("sealed", "real image named"),
            last,
        ]
    found = summary.analysis["discrimination"]
    accuracy, area = found["accuracy"], found["auc"]
    enough = accuracy["pairs"] >= wording.FEWEST_PAIRS and accuracy["value"] is not None
    label = "real image named" if enough else f"real image named: {wording.count(accuracy['pairs'], 'pair')}, too few"
    if enough and accuracy["low"] is not None:
        label += f" [{100 * max(accuracy['low'], 0):.0f}, {100 * min(accuracy['high'], 1):.0f}]"
    area_label = "AUC of the confidence"
    if enough and area["low"] is not None:
        area_label += f" {wording.coefficient(area)[1]}"
    return [
        *first,
        Card(wording.percent(accuracy["value"]) if enough else UNKNOWN, label),
        Card(wording.plain(area["value"]) if enough and area["value"] is not None else UNKNOWN, area_label),
        last,
    ]


def difference_plot(found: Json, labels: dict[str, Criterion]) -> Plot:
    """Synthetic minus real by criterion."""
    rows, lines = [], []
    for key, criterion in found["criteria"].items():
        gap = criterion["difference"]
        shown = gap["pairs"] >= wording.FEWEST_PAIRS
        rows.append(
            interval.Row(
                labels[key].label,
                -gap["value"] if shown else None,
                -gap["high"] if shown and gap["high"] is not None else None,
                -gap["low"] if shown and gap["low"] is not None else None,
                wording.difference(gap),
            )
        )
        lines.append([labels[key].label, *_interval_cells(gap, -1)])
    span = max(criterion.maximum - criterion.minimum for criterion in labels.values())
    first = next(iter(labels.values()))
    gap = next(iter(found["criteria"].values()))["difference"]
    caption = (
        f"Mean difference on a {first.minimum}-{first.maximum} scale, 95 % interval, "
        f"{wording.generality(gap['readers'], gap['random'])}. Left = synthetic worse."
    )
    figure = interval.draw(
        rows,
        title="Score, synthetic minus real",
        description="; ".join(f"{row.label} {row.text}" for row in rows),
        reference=0.0,
        bounds=(-float(span), float(span)),
        tick=lambda value: wording.signed(value, 1),
    )
    head = ["Criterion", "Difference", "95 %", "Standard error", "df", "Readers", "Pairs", "Random", "Method"]
    return Plot("Score, synthetic minus real", caption, figure, Table(head, lines))


def accuracy_plot(found: Json) -> Plot:
    """Share of real images named, by reader and for all."""
    rows, lines = [], []
    for code, reader in found["discrimination"]["by_reader"].items():
        text = wording.share(reader, reader["trials"])
        shown = reader["trials"] >= wording.FEWEST_PAIRS
        rows.append(interval.Row(code, *_limits(reader, shown), text))
        area = wording.coefficient(reader["auc"])
        lines.append([code, text, str(reader["trials"]), " ".join(area), _number(reader["d_prime"]), "Wilson"])
    total = found["discrimination"]["accuracy"]
    rows.append(
        interval.Row(
            "All",
            *_limits(total, total["pairs"] >= wording.FEWEST_PAIRS),
            wording.share(total, total["pairs"]),
            is_total=True,
        )
    )
    mean_area = wording.coefficient(found["discrimination"]["auc"])
    lines.append(["All", rows[-1].text, str(found["discrimination"]["trials"]), " ".join(mean_area), "", _how(total)])
    undecided, left = found["discrimination"]["undecided"], found["discrimination"]["share_left"]
    caption = (
        "Share correct by reader, 95 % interval; dashed line = guessing. "
        f"All: {wording.generality(total['readers'], total['random'])}."
    )
    if undecided:
        caption += f" {undecided} undecided, counted as half."
    if left["value"] is not None:
        caption += f" The left image was named in {wording.share(left, found['discrimination']['trials'])}."
    figure = interval.draw(
        rows,
        title="Share of real images named, by reader",
        description="; ".join(f"{row.label} {row.text}" for row in rows),
        reference=0.5,
        bounds=(0.0, 1.0),
        tick=wording.percent,
    )
    head = ["Reader", "Share correct", "Trials", "AUC of the confidence", "d′", "Interval"]
    return Plot("Which one is real?", caption, figure, Table(head, lines))


def distribution_plot(found: Json, labels: dict[str, Criterion]) -> Plot:
    """How often each grade was given, by criterion and origin."""
    bars = [
        diverging.Bar(labels[key].label, origin, criterion["by_origin"][origin]["counts"])
        for key, criterion in found["criteria"].items()
        for origin in ("real", "synthetic")
    ]
    lines = []
    for key, criterion in found["criteria"].items():
        for origin, one in criterion["by_origin"].items():
            spread = f"{_number(one['mean'])} ({_number(one['standard_deviation'])})"
            lines.append([labels[key].label, origin, spread, str(one["n"]), " · ".join(map(str, one["counts"]))])
    figure = diverging.draw(
        bars,
        title="Scores by criterion and origin",
        description="; ".join(
            f"{label}, {origin}: mean and standard deviation {mean}" for label, origin, mean, *_ in lines
        ),
    )
    head = ["Criterion", "Origin", "Mean (SD)", "n", "Counts, worst to best"]
    caption = "Low grades (orange) to the left of the middle one, high grades (blue) to the right; n = scores."
    return Plot("Scores given", caption, figure, Table(head, lines))


def group_table(found: Json, labels: dict[str, Criterion], group: str, name: str) -> Json:
    """Synthetic minus real by criterion for each generator or region; exploratory, so without any p."""
    names = sorted({each for criterion in found["criteria"].values() for each in criterion[f"by_{group}"]})
    rows = []
    for each in names:
        gaps = [criterion[f"by_{group}"].get(each, {}).get("difference") for criterion in found["criteria"].values()]
        sizes = [gap for gap in gaps if gap]
        rows.append(
            [
                each,
                _range([gap["readers"] for gap in sizes]),
                _range([gap["pairs"] for gap in sizes]),
                *(_in_group(gap) for gap in gaps),
            ]
        )
    head = [name, "Readers", "Pairs", *(labels[key].label for key in found["criteria"])]
    return {"heading": f"By {name.lower()}", "table": Table(head, rows)}


def _in_group(gap: Json | None) -> str:
    """A difference in a cell beside the number of its pairs, which says enough where they are few."""
    if not gap:
        return "does not apply"
    return UNKNOWN if gap["pairs"] < wording.FEWEST_PAIRS else wording.difference(gap)


def agreement_table(summary: Summary, labels: dict[str, Criterion]) -> Table:
    """Agreement by criterion; by origin too where the seal is broken, because the gap between origins flatters it."""
    sealed = summary.study.is_sealed
    head = ["Criterion", "alpha, 95 %", *([] if sealed else ["real", "synthetic"]), "exact", "n"]
    rows = []
    for key, criterion in summary.analysis["criteria"].items():
        found, images = criterion["agreement"], criterion["agreement"]["all"]["images"]
        if images < 2 * wording.FEWEST_PAIRS:
            rows.append([labels[key].label, f"{UNKNOWN} too few", *([UNKNOWN] * (len(head) - 3)), str(images)])
            continue
        alpha = " ".join(wording.coefficient(found["all"]["krippendorff_ordinal"]))
        origins = [] if sealed else ["real", "synthetic"]
        by_origin = [wording.coefficient(found[origin]["krippendorff_ordinal"])[0] for origin in origins]
        exact = found["all"]["exact"]["value"]
        exactly = UNKNOWN if exact is None else wording.percent(exact)
        rows.append([labels[key].label, alpha, *by_origin, exactly, str(images)])
    return Table(head, rows)


def pin_plot(pins: Pins) -> Plot:
    """Where readers pinned defects."""
    place = " ".join(filter(None, (pins.body_part, pins.view_position)))
    caption = f"{place[:1].upper()}{place[1:]}, synthetic, {wording.count(pins.count, 'pin')}."
    (column, row), most = max(pins.cells.items(), key=lambda cell: (cell[1], cell[0]))
    description = (
        f"{caption} Most lie in one cell, {most} of them: column {column + 1} from the left, row {row + 1} "
        f"from the top, of {heat.CELLS} each."
    )
    figure = heat.draw(pins.cells, title="Where readers pinned defects", description=description)
    lines = [
        [f"{row + 1}", f"{column + 1}", str(number)]
        for (column, row), number in sorted(pins.cells.items(), key=lambda cell: (cell[0][1], cell[0][0]))
    ]
    return Plot("Where readers pinned defects", caption, figure, Table(["Row", "Column", "Pins"], lines))


def flow_table(flow: Flow) -> Table:
    """Every order and every image is accounted for."""
    real, synthetic = flow.images["real"], flow.images["synthetic"]
    waiting = flow.orders.get("queued", 0) + flow.orders.get("running", 0)
    ordered = [("Ordered", flow.ordered), ("Delivered", flow.orders.get("succeeded", 0))]
    ordered += [(name.capitalize(), flow.orders.get(name, 0)) for name in ("refused", "failed", "cancelled")]
    ordered += [("Unsettled", flow.orders.get("unknown", 0)), ("Waiting", waiting)]
    always = ("Ordered", "Delivered", "Refused", "Failed")
    rows = [[name, "", str(number)] for name, number in ordered if number or name in always]
    for name in ("collected", "held", "withdrawn", "paired", "rated"):
        rows.append([name.capitalize(), str(real[name]), str(synthetic[name])])
        if name == "withdrawn":
            rows += [[f"– {why}", str(of["real"]), str(of["synthetic"])] for why, of in flow.grounds.items()]
    return Table(["Images", "real", "synthetic"], rows)


def _limits(found: Json, shown: bool) -> tuple[float | None, float | None, float | None]:
    return (found["value"], found["low"], found["high"]) if shown else (None, None, None)


def _interval_cells(found: Json, sign: int) -> list[str]:
    """Difference, limits, standard error, df, readers, pairs, what is random, method: cells of the numbers' table."""
    shown = found["pairs"] >= wording.FEWEST_PAIRS
    value, low, high = (found[key] if shown else None for key in ("value", "low", "high"))
    if sign < 0:
        low, high = high, low
    limits = (
        UNKNOWN if low is None or high is None else f"[{wording.signed(sign * low)}, {wording.signed(sign * high)}]"
    )
    return [
        UNKNOWN if value is None else wording.signed(sign * value),
        limits,
        _number(found["standard_error"] if shown else None, 3),
        _number(found["df"] if shown else None, 1),
        str(found["readers"]),
        str(found["pairs"]),
        found["random"] or "",
        found["method"] or "",
    ]


def _how(found: Json) -> str:
    return f"{found['random']} random, {found['method']}, df {_number(found['df'], 1)}" if found["method"] else ""


def _number(value: float | None, digits: int = 2) -> str:
    return UNKNOWN if value is None else wording.plain(value, digits)


def _range(numbers: list[int]) -> str:
    if not numbers:
        return "0"
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low}-{high}"
