"""How severe or lenient each reader is, by criterion."""

from radiorate.results import wording
from radiorate.results.figures import strip
from radiorate.results.plots import Plot, Source, Table

HEADING = "Severity of readers"


def plot(source: Source) -> Plot | None:
    """Each reader's effect in the ordinal mixed model."""
    models = {key: each["ordinal_model"]["leniency"] for key, each in source.criteria.items()}
    models = {key: leniency for key, leniency in models.items() if leniency}
    if not models or source.found["n"]["pairs"] < wording.FEWEST_PAIRS:
        return None
    readers = sorted({code for leniency in models.values() for code in leniency}, key=_natural)
    rows = [(code, [leniency.get(code) for leniency in models.values()]) for code in readers]
    labels = [source.label(key) for key in models]
    told = [value for _, values in rows for value in values if value is not None]
    figure = strip.draw(
        rows,
        labels,
        title=HEADING,
        description="Leniency in logits; "
        + "; ".join(
            f"{code} " + ", ".join(wording.UNKNOWN if value is None else wording.signed(value) for value in values)
            for code, values in rows
        ),
        reference=0.0,
        bounds=(min(*told, -1.0), max(*told, 1.0)),
        tick=lambda value: wording.signed(value, 1),
    )
    caption = (
        "Effect of each reader in logits, shrunk towards the middle; right = grades higher than the others. "
        f"{wording.count(len(readers), 'reader')}: an estimate, without an interval."
    )
    return Plot(
        HEADING, caption, "strip", figure, Table(["Reader", *labels], [[code, *values] for code, values in rows])
    )


def _natural(code: str) -> tuple[int, str]:
    """R2 before R10."""
    return len(code), code
