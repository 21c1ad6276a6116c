"""One experiment over one or several generators: what each would make of it, and the launch of all or of none."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import prefetch_related_objects

from generation import batches, editing, sheets
from generation.batches import Estimate, Impossible, JobSpec
from generation.models import Batch, Generator
from generation.ordering import provider_of
from generation.protocols import Protocol
from generation.provider import Capabilities, Mode, Pad
from radiorate.accounts.models import User
from radiorate.images.models import Collection, Image, Laterality, Sex


class Launched(Exception):
    """The same form was sent before, and launched this batch first; nothing was written."""

    def __init__(self, batch: Batch) -> None:
        super().__init__(f"launched already, as {batch}")
        self.batch = batch


@dataclass(frozen=True)
class Sketch:
    """An image to edit and where it would change, drawn in pixels of the image.

    frame: left, top, width and height of the picture to be made. areas: for each shape of the mask its corners, as
    "x,y x,y", and the width of the pen (0: all within the corners).
    """

    image: Image
    frame: tuple[float, float, float, float]
    areas: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class Line:
    """Orders that ask for the same in the same words.

    pieces: the prompt cut up, each with whether a publication states it.
    """

    prompt: str
    source: str
    facts: str
    pieces: Sequence[tuple[str, bool]]
    images: int
    edits: Sequence[Sketch]


def lines(orders: Sequence[JobSpec], protocol: Protocol | None = None) -> list[Line]:
    """Every prompt that would be sent, once, in the order in which they are asked for."""
    pieces = protocol.pieces() if protocol else {}
    alike: dict[tuple[str, str], list[JobSpec]] = {}
    for order in orders:
        alike.setdefault((order.prompt, _facts(order)), []).append(order)
    found = []
    for (prompt, facts), same in alike.items():
        edited = {order.source: order for order in same if order.source}
        sketches = [_sketch(order, source) for source, order in edited.items()]
        cut_up = pieces.get(prompt, [(prompt, False)])
        found.append(Line(prompt, same[0].prompt_source, facts, cut_up, len(same), sketches))
    return found


@dataclass(frozen=True)
class Ability:
    """What a generator can do at all; None where no code for its provider is here."""

    generator: Generator
    can: Capabilities | None

    @property
    def modes(self) -> list[tuple[str, bool]]:
        return [(mode.value.replace("_", " "), self.can is not None and mode in self.can.modes) for mode in Mode]


def ability(generator: Generator) -> Ability:
    try:
        return Ability(generator, provider_of(generator).capabilities(generator.model))
    except KeyError:
        return Ability(generator, None)


@dataclass(frozen=True)
class Offer:
    """What one generator would make of the orders: what that costs at most, or why it can't; and what to know."""

    generator: Generator
    estimate: Estimate | None
    problems: Sequence[str]
    remarks: Sequence[str] = ()


def offers(
    generators: Sequence[Generator], orders: Sequence[JobSpec], budget_usd: Decimal, protocol: Protocol | None = None
) -> list[Offer]:
    """One of each generator."""
    prefetch_related_objects(generators, "prices")
    return [_offer(generator, orders, budget_usd, protocol) for generator in generators]


def able_regions(
    generators: Sequence[Generator], budget_usd: Decimal, protocol: Protocol, regions: Sequence[str], **asked: Any
) -> list[str]:
    """Of these regions of the protocol those for which every generator can do its part."""
    orders = {region: protocol.orders(only=[region], **asked) for region in regions}
    return [
        region
        for region in regions
        if not any(offer.problems for offer in offers(generators, orders[region], budget_usd))
    ]


def launch(
    *,
    generators: Sequence[Generator],
    orders: Sequence[JobSpec],
    budget_usd: Decimal,
    actor: User | None,
    protocol: Protocol | None = None,
    collection: Collection | None = None,
    new_collection: str = "",
    launch_id: UUID | None = None,
) -> list[Batch]:
    """A batch of the same orders for each generator, all of them or none.

    They go into `collection`, or into the one named, or each into one named after the experiment and the generator.
    launch_id: the number of the form, which the first batch keeps.
    Raises Impossible with what stands against it, and Launched where that form was sent before; nothing is written
    then.
    """
    prefetch_related_objects(generators, "prices")
    try:
        with transaction.atomic():
            return _all_or_none(
                generators,
                collection,
                new_collection,
                protocol,
                launch_id,
                orders=orders,
                budget_usd=budget_usd,
                actor=actor,
            )
    except IntegrityError:
        # Of two at the same moment the second one's row waits for the first one's commit.
        if launch_id and (first := Batch.objects.filter(launch_id=launch_id).first()):
            raise Launched(first) from None
        raise


def own_collection(protocol: Protocol | None, generator: Generator) -> str:
    """The name of the collection for this generator's images of the experiment."""
    return f"{protocol.name if protocol else 'free prompt'}, {generator.name}"


def _all_or_none(
    generators: Sequence[Generator],
    collection: Collection | None,
    new_collection: str,
    protocol: Protocol | None,
    launch_id: UUID | None,
    **order: Any,
) -> list[Batch]:
    launched: list[Batch] = []
    problems: dict[str, None] = {}
    for generator in generators:
        try:
            launched += [
                batches.launch(
                    generator=generator,
                    collection=collection or batches.target(new_collection or own_collection(protocol, generator)),
                    protocol=protocol.name if protocol else "",
                    protocol_facts=protocol.facts() if protocol else {},
                    launch_id=None if launched else launch_id,
                    **order,
                )
            ]
        except Impossible as impossible:
            problems |= dict.fromkeys(impossible.problems)
    if problems:
        raise Impossible(list(problems))  # undoes what could be launched
    return launched


def _offer(generator: Generator, orders: Sequence[JobSpec], budget_usd: Decimal, protocol: Protocol | None) -> Offer:
    try:
        estimate = batches.estimate(generator, orders)
    except Impossible as impossible:
        return Offer(generator, None, impossible.problems)
    if problems := batches.too_dear(generator, estimate, budget_usd):
        return Offer(generator, estimate, problems)
    remarks = sheets.words(estimate.sheets)
    if estimate.total_usd > budget_usd:
        remarks.append("The budget does not cover the whole order: what it has no room for is cancelled.")
    if protocol and protocol.seeds and not provider_of(generator).capabilities(generator.model).takes_seed:
        remarks.append("It takes no seed: what differs between two runs is chance too.")
    if protocol and protocol.every:
        remarks.append(_last_run(generator, protocol))
    return Offer(generator, estimate, [], remarks)


def _last_run(generator: Generator, protocol: Protocol) -> str:
    """When a set that is to be run again was run, and whether it still is the same one."""
    last = generator.batches.filter(protocol=protocol.name).order_by("-pk").first()
    if last is None:
        return f"To be run every {protocol.every}; this is the first time."
    same = "the same" if last.protocol_facts == protocol.facts() else "another"
    return f"To be run every {protocol.every}; last run on {last.created_at:%-d %B %Y} ({last}), as {same} set."


def _sketch(order: JobSpec, image: Image) -> Sketch:
    across, down = image.width, image.height
    worked_across, worked_down = editing.working_size(across, down, order.width, order.height)
    pad, x_scale, y_scale = order.pad or Pad(), across / worked_across, down / worked_down
    left, right, top, bottom = pad.left * x_scale, pad.right * x_scale, pad.top * y_scale, pad.bottom * y_scale
    areas = []
    for shape in (order.mask_shape or {"shapes": []})["shapes"]:
        points, pen = shape.get("points"), 2 * shape.get("radius", 0) * max(across, down)
        if points is None:
            x, y, width, height = (shape[name] for name in ("x", "y", "width", "height"))
            points = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
        areas.append((" ".join(f"{x * across:.0f},{y * down:.0f}" for x, y in points), pen))
    return Sketch(image, (-left, -top, left + across + right, top + down + bottom), areas)


def _facts(order: JobSpec) -> str:
    """What the image is to show, in words."""
    words = [order.modality, order.body_part, order.view_position]
    words.append(str(Laterality(order.laterality).label) if order.laterality else "")
    words.append(str(Sex(order.patient_sex).label) if order.patient_sex else "")
    return ", ".join(filter(None, [*words, order.pathology]))
