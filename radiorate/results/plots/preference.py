"""How readily each generator's images were believed real."""

from dataclasses import dataclass
from math import exp

from radiorate.results import wording
from radiorate.results.figures import interval
from radiorate.results.plots import Json, Plot, Source, Table

HEADING = "Believed real: ranking"


@dataclass(frozen=True)
class Rank:
    """A generator's ability to be chosen, in logits against real images, with its limits."""

    name: str
    ability: float
    low: float | None
    high: float | None

    @property
    def beats(self) -> float:
        """The share against a real image, sides alike and ties left out."""
        return 1 / (1 + exp(-self.ability))

    @property
    def text(self) -> str:
        limits = wording.coefficient({"value": self.ability, "low": self.low, "high": self.high})[1]
        return f"{wording.signed(self.ability)} {limits}".strip()


def ranked(found: Json) -> list[Rank]:
    """The generators, best first."""
    nowhere = {"low": None, "high": None}
    ranks = [
        Rank(name, ability, **{key: (found["intervals"].get(name) or nowhere)[key] for key in nowhere})
        for name, ability in found["abilities"].items()
        if ability is not None and name != "real"
    ]
    return sorted(ranks, key=lambda each: (-each.ability, each.name))


def plot(source: Source) -> Plot | None:
    """Abilities in logits against real images, best first; the chance to be named rather than a real image beside."""
    found = source.found.get("preference")
    if not found or not found["abilities"] or source.found["n"]["pairs"] < wording.FEWEST_PAIRS:
        return None
    ranks = ranked(found)
    if not ranks:
        return None
    rows = [interval.Row(each.name, each.ability, each.low, each.high, each.text) for each in ranks]
    lines = [[each.name, each.ability, each.low, each.high, each.beats] for each in ranks]
    told = [number for row in rows for number in (row.value, row.low, row.high) if number is not None]
    figure = interval.draw(
        rows,
        title="How readily generators are believed real",
        description="; ".join(f"{row.label} {row.text}" for row in rows) + ". 0 is as readily as a real image.",
        reference=0.0,
        bounds=(min(*told, -1.0), max(*told, 1.0)),
        tick=lambda value: wording.signed(value, 1),
    )
    caption = (
        "Bradley-Terry ability in logits, 95 % interval, readers and pairs resampled; dashed line = a real image. "
        "Left = believed real less readily; the table has the share against a real image, sides alike."
    )
    if found.get("penalised"):
        caption += " No finite estimate exists without the half win each pairing was given."
    if source.found["n"]["readers"] < wording.MANY_READERS:
        caption += f" {wording.NARROW}"
    head = ["Generator", "Ability", "95 % from", "to", "Share against real"]
    return Plot(HEADING, caption, "interval", figure, Table(head, lines))
