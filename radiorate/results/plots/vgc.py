"""Visual grading characteristics: synthetic against real at each grade."""

from radiorate.results import wording
from radiorate.results.figures import curve
from radiorate.results.plots import Plot, Source, Table

HEADING = "Visual grading characteristics"


def plot(source: Source) -> Plot | None:
    """A curve for each criterion that has pairs enough."""
    chosen = {
        key: each["vgc"]
        for key, each in source.criteria.items()
        if each["vgc"]["points"] and each["difference"]["pairs"] >= wording.FEWEST_PAIRS
    }
    if not chosen:
        return None
    curves, lines = [], []
    for key, found in chosen.items():
        text = " ".join(wording.coefficient(found | {"value": found["auc"]}))
        curves.append(curve.Curve(source.label(key), found["points"], text))
        for index, point in enumerate(found["points"]):
            lines.append([source.label(key), index + 1, *point, found["auc"], found["low"], found["high"]])
    figure = curve.draw(
        curves,
        title=HEADING,
        description="; ".join(f"{each.label} {each.text}" for each in curves)
        + ". 0.5 is alike, below it synthetic is worse.",
        across="real images graded so or better",
        up="synthetic images graded so or better",
    )
    caption = (
        "Chance that a synthetic image is graded above a real one, 95 % interval; 0.5 = alike; "
        "readers and pairs resampled."
    )
    if source.found["n"]["readers"] < wording.MANY_READERS:
        caption += f" {wording.NARROW}"
    head = ["Criterion", "Point", "Real", "Synthetic", "AUC", "95 % from", "to"]
    return Plot(HEADING, caption, "curve", figure, Table(head, lines))
