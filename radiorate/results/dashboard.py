"""The dashboard's page out of a summary: cards, figures and tables with their words, ready to be drawn."""

from dataclasses import dataclass
from typing import Any

import radiorate
from radiorate.results import cached, plots, tables, wording
from radiorate.results.filters import Filters
from radiorate.results.plots import Source
from radiorate.results.summary import Summary, summarise
from radiorate.studies.models import Study

Json = dict[str, Any]
UNKNOWN = wording.UNKNOWN
TOP, BELOW = ("difference", "accuracy"), ("distribution", "vgc", "roc", "defects")  # figures; the others come last
FILTERS = {"generator": "Generator", "body_part": "Region", "reader": "Reader", "session": "Session"}


@dataclass(frozen=True)
class Card:
    value: str
    label: str


@dataclass(frozen=True)
class Choice:
    """A filter as the page offers it."""

    name: str
    label: str
    chosen: str
    options: list[str]


def page(study: Study, chosen: Filters | None = None) -> Json:
    """The context of the page and of its refreshed part; `waiting` is set while a worker is at the analysis."""
    chosen = Filters() if chosen is None or study.is_sealed else chosen
    context: Json = {"study": study, "query": chosen.query, "part": chosen.words}
    answer = cached.ask(study, chosen)
    if isinstance(answer, cached.Waiting):
        return context | {"waiting": answer, "percent": round(100 * answer.share), "refreshes": "every 1s"}
    summary = summarise(study, answer.found)
    source = source_of(study, summary)
    made = plots.make_all(source)
    return context | {
        "status": status(summary),
        "cards": cards(summary),
        "readers": summary.readers,
        "top": {name: plot for name, plot in made.items() if name in TOP},
        "below": {name: plot for name, plot in made.items() if name in BELOW},
        "last": {name: plot for name, plot in made.items() if name not in TOP + BELOW},
        **tables.page(source),
        "refreshes": "every 30s" if study.is_open else "",
        "withdrawn": list(study.pairs.filter(withdrawal__isnull=False).values_list("code", flat=True)),
        "filters": [
            Choice(name, label, getattr(chosen, name), options)
            for name, label in FILTERS.items()
            if len(options := answer.choices.get(name, [])) > 1 or getattr(chosen, name)
        ],
    }


def source_of(study: Study, summary: Summary) -> Source:
    """What the study's figures are made of."""
    labels = dict(study.rubric.criteria.values_list("key", "label"))
    return Source(summary.analysis, labels, summary.flow)


def provenance(summary: Summary, chosen: Filters) -> str:
    """Where a figure that has left the page comes from, in one line."""
    n = summary.analysis["n"]
    told = [
        summary.study.slug,
        chosen.words,
        f"{wording.count(n['readers'], 'reader')}, {wording.count(n['pairs'], 'pair')}",
        "" if summary.study.state == Study.State.CLOSED else "interim: will change",
        "SIMULATED ratings: no person made them" if summary.study.simulated else "",
        f"radiorate {radiorate.__version__}",
    ]
    return " · ".join(filter(None, told))


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
