"""Where readers pinned defects, by region and by who made the image."""

from radiorate.results import wording
from radiorate.results.defects import CELLS
from radiorate.results.figures import heat
from radiorate.results.plots import Plot, Source, Table

HEADING = "Where readers pinned defects"


def plot(source: Source) -> Plot | None:
    """A map for each region and maker; those on real images are false alarms."""
    maps = source.found.get("marks", {}).get("maps", [])
    total = sum(each["marks"] for each in maps)
    if not total:
        return None
    drawn = [
        heat.Map(
            each["body_part"] or "no region",
            each["generator"] or "synthetic",
            {(column, row): count for column, row, count in each["cells"]},
            f"{wording.count(each['marks'], 'mark')}, {wording.count(each['images'], 'image')}",
        )
        for each in maps
    ]
    description = "; ".join(f"{each.row}, {each.column}: {each.note}" for each in drawn)
    lines = [
        [each["body_part"], each["generator"], each["images"], column + 1, row + 1, count]
        for each in maps
        for column, row, count in each["cells"]
    ]
    caption = (
        f"{wording.count(total, 'mark')} at first showings, {CELLS} x {CELLS} cells of the image as shown; "
        "a box counts at its centre. On real images they are false alarms."
    )
    figure = heat.draw(drawn, title=HEADING, description=description)
    table = Table(["Region", "Images of", "Images", "Column", "Row", "Marks"], lines)
    return Plot(HEADING, caption, "heat", figure, table)
