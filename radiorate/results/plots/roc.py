"""ROC curve of the confidence that the left image is the real one."""

from radiorate.results import wording
from radiorate.results.figures import curve
from radiorate.results.plots import Plot, Source, Table

HEADING = "ROC of the confidence"


def plot(source: Source) -> Plot | None:
    """All answers pooled, and a thin line a reader."""
    found = source.found.get("discrimination")
    if not found or found["accuracy"]["pairs"] < wording.FEWEST_PAIRS or not found["roc"]["all"]:
        return None
    roc, area = found["roc"], found["auc"]
    text = " ".join(wording.coefficient(area))
    curves = [curve.Curve("", points) for points in roc["by_reader"].values()]
    curves.append(curve.Curve("All answers pooled", roc["all"]))
    description = f"Readers' mean area under the curve {text}; 0.5 is guessing. {len(curves) - 1} readers."
    figure = curve.draw(
        curves,
        title=HEADING,
        description=description,
        across="said left where right was real",
        up="said left where left was",
    )
    lines = [
        [name, index + 1, *point]
        for name, points in [("All", roc["all"]), *roc["by_reader"].items()]
        for index, point in enumerate(points)
    ]
    caption = f"Thin: each reader. Readers' mean area {text}; readers and pairs resampled."
    if found["accuracy"]["readers"] < wording.MANY_READERS:
        caption += f" {wording.NARROW}"
    table = Table(["Reader", "Point", "False alarms", "Hits"], lines)
    return Plot(HEADING, caption, "curve", figure, table)
