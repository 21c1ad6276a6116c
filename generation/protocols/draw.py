"""Which images an experiment edits: drawn with its seed, so that nobody picks them."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from hashlib import sha256

from generation.batches import Impossible
from generation.protocols.experiment import Protocol
from radiorate.images import models


class Missing(Impossible):
    """A collection hasn't the images of some regions; of those in `there` it has."""

    def __init__(self, sentence: str, there: Sequence[str]) -> None:
        way = f"Add some, or order only: {', '.join(there)}." if there else "Choose another collection."
        super().__init__([f"{sentence} {way}"])
        self.there = there


def sources(
    protocol: Protocol, collection: models.Collection, only: Collection[str] = ()
) -> dict[str, list[models.Image]]:
    """The images of each region, all or those named: the same from the same images, in whatever order those came.

    Raises Missing where the collection hasn't enough of them.
    """
    regions = [region for region in protocol.regions if not only or region in only]
    fitting = collection.images.available().filter(body_part__in=regions)
    if protocol.source_views:
        fitting = fitting.filter(view_position__in=protocol.source_views)
    found: dict[str, list[models.Image]] = defaultdict(list)
    for image in fitting.select_related("collection"):
        found[image.body_part].append(image)
    n = protocol.sources_per_region
    if short := [region for region in regions if len(found[region]) < n]:
        view = "".join(f" {word}" for word in (" or ".join(protocol.source_views),) if word)
        needed = f"no{view} image" if n == 1 else f"less than {n}{view} images"
        there = [region for region in regions if region not in short]
        raise Missing(f"“{collection}” has {needed} of: {', '.join(short)}.", there)
    return {region: sorted(found[region], key=lambda image: _rank(protocol, image))[:n] for region in regions}


def _rank(protocol: Protocol, image: models.Image) -> bytes:
    return sha256(f"{protocol.draw_seed} {image.sha256}".encode()).digest()
