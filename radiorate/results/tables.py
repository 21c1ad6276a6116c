"""Tables of an analysis: agreement, counts, preferences, and differences by group of pairs with the family named."""

from dataclasses import dataclass
from typing import Any

from radiorate.results import wording
from radiorate.results.plots import Source, Table
from radiorate.results.plots.preference import ranked

Json = dict[str, Any]
UNKNOWN = wording.UNKNOWN
GROUPS = {
    "generator": "Generator",
    "body_part": "Region",
    "view_position": "View",
    "mode": "Mode",
    "patient_sex": "Sex",
}


@dataclass(frozen=True)
class Group:
    """Differences by one thing pairs can be told apart by; family says what many comparisons mean here."""

    heading: str
    table: Table
    family: str


def page(source: Source) -> Json:
    """The tables and notes that stand beside the figures, on the dashboard and in a report."""
    return {
        "agreement": agreement(source),
        "agreement_note": wording.agreement(source.found["n"]["readers"]),
        "counts": counts(source),
        "preferences": preferences(source),
        "groups": groups(source),
        "fewest_pairs": wording.FEWEST_PAIRS,
        "notes": source.found.get("warnings", []),
    }


def groups(source: Source) -> list[Group]:
    """Synthetic minus real in each part of the pairs, by what pairs can be told apart."""
    found = [(group, name, _names(source, group)) for group, name in GROUPS.items()]
    return [group_table(source, group, name, names) for group, name, names in found if names]


def _names(source: Source, group: str) -> list[str]:
    """The parts there are; one alone says no more than the whole, apart from which generator or region it is."""
    names = sorted({each for criterion in source.criteria.values() for each in criterion[f"by_{group}"]})
    return names if len(names) > 1 or group in ("generator", "body_part") else []


def group_table(source: Source, group: str, name: str, names: list[str]) -> Group:
    """Synthetic minus real by criterion for each part; exploratory, so without any p, and the family named."""
    rows = []
    for each in names:
        gaps = [criterion[f"by_{group}"].get(each, {}).get("difference") for criterion in source.criteria.values()]
        sizes = [gap for gap in gaps if gap]
        readers, pairs = (_range([gap[key] for gap in sizes]) for key in ("readers", "pairs"))
        rows.append([each, readers, pairs, *(_in_group(gap) for gap in gaps)])
    head = [name, "Readers", "Pairs", *(source.label(key) for key in source.criteria)]
    return Group(f"By {name.lower()}", Table(head, rows), _family(source.found, group))


def _family(found: Json, group: str) -> str:
    """How many comparisons there are and how many still leave 0 out when all are taken together, in words."""
    family = next((each for each in found["multiplicity"]["families"] if each["name"] == group), None)
    adjusted = [p for p in (family["adjusted"] if family else []) if p is not None]
    if not family or not adjusted:
        return "No comparison here has an interval."
    alone = sum(p < 0.05 for p in family["p"] if p is not None)
    together = sum(p < 0.05 for p in adjusted)
    return (
        f"{wording.count(len(adjusted), 'comparison')}; {alone} of the intervals leave 0 out, {together} when the "
        "false discovery rate over this family is held at 5 % (Benjamini-Hochberg)."
    )


def _in_group(gap: Json | None) -> str:
    """A difference in a cell beside the number of its pairs, which says enough where they are few."""
    if not gap:
        return "does not apply"
    return UNKNOWN if gap["pairs"] < wording.FEWEST_PAIRS else wording.difference(gap)


def agreement(source: Source) -> Table:
    """Agreement by criterion; by origin too where the seal is broken, because the gap between origins flatters it."""
    sealed = not source.criteria
    head = ["Criterion", "alpha, 95 %", *([] if sealed else ["real", "synthetic"]), "exact", "n"]
    rows = []
    for key, criterion in source.found["criteria"].items():
        found, images = criterion["agreement"], criterion["agreement"]["all"]["images"]
        if images < 2 * wording.FEWEST_PAIRS:
            rows.append([source.label(key), f"{UNKNOWN} too few", *([UNKNOWN] * (len(head) - 3)), str(images)])
            continue
        alpha = " ".join(wording.coefficient(found["all"]["krippendorff_ordinal"]))
        origins = [] if sealed else ["real", "synthetic"]
        by_origin = [wording.coefficient(found[origin]["krippendorff_ordinal"])[0] for origin in origins]
        exact = found["all"]["exact"]["value"]
        exactly = UNKNOWN if exact is None else wording.percent(exact)
        rows.append([source.label(key), alpha, *by_origin, exactly, str(images)])
    return Table(head, rows)


def counts(source: Source) -> Table | None:
    """The share of right numbers by origin, and synthetic minus real; None where the study counts nothing."""
    rows = []
    for key, count in source.found.get("counted", {}).items():
        gap = count["difference"]
        told = [
            f"{wording.share(each['share'], each['share']['pairs'])}; {each['right']} of {each['n']}"
            for each in (count["by_origin"][origin] for origin in ("real", "synthetic"))
        ]
        rows.append([source.label(key), *told, wording.difference(gap), gap["readers"], gap["pairs"]])
    return Table(["Count", "Real", "Synthetic", "Synthetic minus real", "Readers", "Pairs"], rows) if rows else None


def preferences(source: Source) -> Table | None:
    """How readily each generator's images are preferred to real ones; None where the study asks no preference."""
    rows = []
    for key, found in source.found.get("preference", {}).get("by_criterion", {}).items():
        ranks = {each.name: each for each in ranked(found)}
        for name, told in found["answers"].items():
            split = [told[word] for word in ("real", "tie", "synthetic")]
            rank = ranks.get(name) if told["pairs"] >= wording.FEWEST_PAIRS else None
            ability = f"{rank.text}{', penalised' if found.get('penalised') else ''}" if rank else UNKNOWN
            share = wording.percent(rank.beats) if rank else UNKNOWN
            rows.append([source.label(key), name, told["pairs"], *split, ability, share])
    head = [
        "Which is better?",
        "Generator",
        "Pairs",
        "Real",
        "Equal",
        "Synthetic",
        "Ability, 95 %",
        "Share against real",
    ]
    return Table(head, rows) if rows else None


def _range(numbers: list[int]) -> str:
    if not numbers:
        return "0"
    low, high = min(numbers), max(numbers)
    return str(low) if low == high else f"{low}-{high}"
