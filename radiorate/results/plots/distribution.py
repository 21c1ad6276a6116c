"""How often each grade was given, by criterion and origin."""

from radiorate.results import wording
from radiorate.results.figures import diverging
from radiorate.results.plots import Plot, Source, Table


def plot(source: Source) -> Plot | None:
    """Stacked bars around the middle grade."""
    if not source.criteria:
        return None
    bars, lines = [], []
    steps = max(len(each["by_origin"]["real"]["counts"]) for each in source.criteria.values())
    for key, criterion in source.criteria.items():
        for origin, one in criterion["by_origin"].items():
            bars.append(diverging.Bar(source.label(key), origin, one["counts"]))
            counts = [*one["counts"], *([""] * (steps - len(one["counts"])))]
            lines.append([source.label(key), origin, one["n"], one["mean"], one["standard_deviation"], *counts])
    words = [
        f"{bar.label}, {bar.group}: mean {wording.number(line[3])}, standard deviation {wording.number(line[4])}"
        for bar, line in zip(bars, lines, strict=True)
    ]
    figure = diverging.draw(bars, title="Scores by criterion and origin", description="; ".join(words))
    grades = [f"Grade {place + 1} of {steps}" if place else f"Grade 1 of {steps} (worst)" for place in range(steps)]
    caption = "Low grades (orange) to the left of the middle one, high grades (blue) to the right; n = scores."
    table = Table(["Criterion", "Origin", "n", "Mean", "SD", *grades], lines)
    return Plot("Scores given", caption, "diverging", figure, table)
