"""Which images meet: a real and a synthetic one of one region and view; in control pairs, two of one origin.

The draw follows from the seed and the images' checksums alone. No image stands in two pairs: whoever has judged an
image once would know it again, so a second showing would favour the origin that is shown more often.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_UP, Decimal
from itertools import product

from radiorate.images.models import Image, Origin, ViewPosition
from radiorate.studies import blocks
from radiorate.studies.draws import number, shuffled
from radiorate.studies.models import Pair, Study

VERSION = 1  # of the draw; a change that draws other pairs from the same images raises it

Group = tuple[str, str]  # body part and view, both laterals being one view
Traits = tuple[str, str, str]  # laterality, sex and view modifier


@dataclass(frozen=True)
class ProposedPair:
    """Two images that would be shown together, under the code they get in exports."""

    code: str
    kind: Pair.Kind
    first: Image
    second: Image
    body_part: str
    view_position: str
    block: int | None = None  # None: every reader reads it


@dataclass(frozen=True)
class Unmatched:
    """An image that stands in no pair although it might, and why."""

    image: Image
    reason: str


@dataclass(frozen=True)
class Proposal:
    """What a study's images give: pairs in order of their codes, and everything that didn't work out."""

    pairs: list[ProposedPair]
    unmatched: list[Unmatched]
    spare: list[Image] = field(default_factory=list)  # matched, but more than the study wants
    shortfalls: list[str] = field(default_factory=list)  # what was asked for and can't be had, in words

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left over or missing that a person should have seen before opening."""
        return not self.unmatched and not self.shortfalls

    def of(self, kind: Pair.Kind) -> list[ProposedPair]:
        return [pair for pair in self.pairs if pair.kind == kind]


def propose(study: Study) -> Proposal:
    """The pairs the study would be opened with now; nothing is stored."""
    candidates, unmatched = _candidates(study)
    pools: dict[str, dict[Group, list[Image]]] = {origin: defaultdict(list) for origin in Origin.values}
    for origin, image in candidates:
        pools[origin][_group(image)].append(image)
    real, synthetic = pools[Origin.REAL], pools[Origin.SYNTHETIC]

    matched: dict[Group, list[tuple[Image, Image]]] = {}
    left: dict[str, dict[Group, list[Image]]] = {origin: defaultdict(list) for origin in Origin.values}
    for group in sorted(real.keys() | synthetic.keys()):
        couples = list(_couples(real[group], synthetic[group], study.seed))
        matched[group] = couples
        met = {image.pk for couple in couples for image in couple}
        for origin, pool in pools.items():
            left[origin][group] = shuffled(
                [image for image in pool[group] if image.pk not in met], VERSION, study.seed, "left", key=_name
            )

    shortfalls = []
    wanted = study.pairs_wanted
    available = sum(map(len, matched.values()))
    if wanted is not None and wanted > available:
        shortfalls.append(f"Pairs: {wanted} wanted, {available} match.")
    surplus = _spread(matched, available if wanted is None else min(wanted, available), study.seed)
    spare = {image.pk: image for couple in surplus for image in couple}
    for couple in surplus:
        for origin, image in zip((Origin.REAL, Origin.SYNTHETIC), couple, strict=True):
            left[origin][_group(image)].append(image)

    controls, asked = _controls(matched, left, Decimal(study.control_share), may_split=wanted is None)
    if len(controls) < asked:
        shortfalls.append(f"Control pairs: {asked} wanted, {len(controls)} can be made.")
    for origin, groups in left.items():
        other = Origin.SYNTHETIC if origin == Origin.REAL else Origin.REAL
        for group, images in groups.items():
            for image in images:
                if image.pk not in spare:
                    more = "further " if matched[group] else ""
                    unmatched.append(Unmatched(image, f"no {more}{other} image of {' '.join(group)}"))

    mains = [(Pair.Kind.MAIN, *couple) for couples in matched.values() for couple in couples]
    used = {image.pk for _, *couple in [*mains, *controls] for image in couple}
    practice = _practice(study)
    if len(practice) < study.practice_pairs:
        shortfalls.append(f"Practice pairs: {study.practice_pairs} wanted, {len(practice)} can be made.")
    shortfalls += _unanswered(study, practice)
    if study.blocks > 1 and study.anchor_pairs + study.blocks > len(mains):
        shortfalls.append(f"Blocks: {len(mains)} pairs are too few for the anchors and a pair in each block.")
    return Proposal(
        pairs=[*_dealt(list(_coded([*mains, *controls], study.seed)), study), *practice],
        unmatched=sorted(unmatched, key=lambda one: (one.reason, _name(one.image))),
        spare=sorted((image for image in spare.values() if image.pk not in used), key=_name),
        shortfalls=shortfalls,
    )


def _name(image: Image) -> str:
    """What an image is called in a draw: its original's checksum, the same on every installation."""
    return image.sha256


def _group(image: Image) -> Group:
    return image.body_part, view(image)


def view(image: Image) -> str:
    """The view for matching: both laterals are one, and a view told only in words is these words."""
    if image.view_position in (ViewPosition.LL, ViewPosition.RL):
        return "lateral"
    return image.view_position or image.view_modifier.lower()


def _candidates(study: Study) -> tuple[list[tuple[str, Image]], list[Unmatched]]:
    """The study's images that may be paired, each once and in a stable order; and the others with the reason."""
    rows = []
    for origin, chosen in ((Origin.REAL, study.real_collections), (Origin.SYNTHETIC, study.synthetic_collections)):
        images = Image.objects.filter(collection__in=chosen.all()).exclude(state=Image.State.WITHDRAWN)
        rows += [(origin, image) for image in images.select_related("collection")]
    rows.sort(key=lambda row: (row[1].sha256, row[0], row[1].collection.name))
    candidates: list[tuple[str, Image]] = []
    unmatched: list[Unmatched] = []
    seen: dict[str, str] = {}  # pixels: the collection they were first met in
    for origin, image in rows:
        if image.state == Image.State.HELD:
            unmatched.append(Unmatched(image, f"held: {image.state_reason}"))
        elif "" in _group(image):
            missing = [word for word, value in zip(("region", "view"), _group(image), strict=True) if not value]
            unmatched.append(Unmatched(image, f"no {' and no '.join(missing)} given"))
        elif image.pixel_sha256 in seen:
            unmatched.append(Unmatched(image, f"the same picture as one in {seen[image.pixel_sha256]}"))
        else:
            seen[image.pixel_sha256] = image.collection.name
            candidates.append((origin, image))
    return candidates, unmatched


def _couples(real: Sequence[Image], synthetic: Sequence[Image], seed: int) -> Iterator[tuple[Image, Image]]:
    """As many couples as the shorter list allows, those that agree best first.

    An image made after a reference meets that reference; then laterality weighs more than sex, and sex more than the
    finer words of the view. Among equals the seed draws.
    """
    free = shuffled(real, VERSION, seed, "real", key=_name)
    drawn = shuffled(synthetic, VERSION, seed, "synthetic", key=_name)
    made_after: dict[object, Image] = {}
    for image in drawn:
        made_after.setdefault(image.reference_id, image)
    met = set()
    for one in free:
        if other := made_after.get(one.pk):
            met |= {one.pk, other.pk}
            yield one, other
    free = [one for one in free if one.pk not in met]
    # Queues by trait, so that large collections are not compared image by image.
    queues: dict[Traits, deque[tuple[int, Image]]] = defaultdict(deque)
    for place, image in enumerate(drawn):
        if image.pk not in met:
            queues[_traits(image)].append((place, image))
    for allowed in product((False, True), repeat=3):
        unmet = []
        for one in free:
            mine = _traits(one)
            fitting = [queue for traits, queue in queues.items() if queue and _differences(mine, traits) <= allowed]
            if fitting:
                yield one, min(fitting, key=lambda queue: queue[0][0]).popleft()[1]
            else:
                unmet.append(one)
        free = unmet


def _traits(image: Image) -> Traits:
    return image.laterality, image.patient_sex, image.view_modifier


def _differences(one: Traits, other: Traits) -> tuple[bool, ...]:
    """In what two images differ, gravest first; a smaller tuple is a closer couple."""
    return tuple(mine != theirs for mine, theirs in zip(one, other, strict=True))


def _spread(matched: dict[Group, list[tuple[Image, Image]]], wanted: int, seed: int) -> list[tuple[Image, Image]]:
    """Cut `matched` down to `wanted` couples, spread evenly over the groups; returns the couples cut off."""
    surplus = []
    turn = {group: number(VERSION, seed, "turn", *group) for group in matched}
    for _ in range(sum(map(len, matched.values())) - wanted):
        largest = max(matched, key=lambda group: (len(matched[group]), turn[group]))
        surplus.append(matched[largest].pop())
    return surplus


def _controls(
    matched: dict[Group, list[tuple[Image, Image]]],
    left: dict[str, dict[Group, list[Image]]],
    share: Decimal,
    *,
    may_split: bool,
) -> tuple[list[tuple[Pair.Kind, Image, Image]], int]:
    """Control couples out of the images left, real and synthetic ones in turn, and how many the share asks for.

    Where nothing fitting is left, two main couples of the largest group are parted (unless their number is
    prescribed) and give one control pair of each origin.
    """
    controls: list[tuple[Pair.Kind, Image, Image]] = []

    def asked(mains: int) -> int:
        return int((share * mains).to_integral_value(ROUND_HALF_UP))

    while len(controls) < asked(mains := sum(map(len, matched.values()))):
        groups = left[(Origin.REAL, Origin.SYNTHETIC)[len(controls) % 2]]
        group = max(groups, key=lambda each: (len(groups[each]), each), default=None)
        if group is not None and len(groups[group]) >= 2:
            controls.append((Pair.Kind.CONTROL, groups[group].pop(), groups[group].pop()))
            continue
        largest = max(matched, key=lambda each: (len(matched[each]), each), default=None)
        if not may_split or largest is None or len(matched[largest]) < 2:
            return controls, asked(mains)
        if len(controls) >= asked(mains - 2):
            break  # Two main pairs fewer would need no more control pairs than there are: no reason to part any.
        both = zip(matched[largest].pop(), matched[largest].pop(), strict=True)
        controls += [(Pair.Kind.CONTROL, *couple) for couple in both]
    return controls, len(controls)


def _practice(study: Study) -> list[ProposedPair]:
    """Pairs T01... to practise on, of images that no counted pair can hold and that weren't made after one of these.

    Disjoint by checksum and by pixels from everything in the study's own collections: the truth about them is told.
    """
    if not study.practice_pairs:
        return []
    chosen = study.real_collections.all().union(study.synthetic_collections.all()).values("pk")
    own = list(Image.objects.filter(collection__in=chosen).only("pk", "sha256", "pixel_sha256", "reference"))
    taken = {checksum for image in own for checksum in (image.sha256, image.pixel_sha256)}
    akin = {pk for image in own for pk in (image.pk, image.reference_id) if pk}
    pools: dict[str, dict[Group, list[Image]]] = {origin: defaultdict(list) for origin in Origin.values}
    rows = Image.objects.available().filter(collection__in=study.practice_collections.all())
    for image in rows.select_related("collection").order_by("sha256", "pk"):
        if taken.isdisjoint((image.sha256, image.pixel_sha256)) and akin.isdisjoint((image.pk, image.reference_id)):
            taken |= {image.sha256, image.pixel_sha256}
            pools[image.collection.origin][_group(image)].append(image)
    real, synthetic = pools[Origin.REAL], pools[Origin.SYNTHETIC]
    groups = [group for group in sorted(real.keys() & synthetic.keys()) if "" not in group]
    couples = [couple for group in groups for couple in _couples(real[group], synthetic[group], study.seed)]
    drawn = shuffled(couples, VERSION, study.seed, "practice", key=lambda couple: _name(couple[0]))
    return [
        ProposedPair(f"T{place:02}", Pair.Kind.PRACTICE, *couple, couple[0].body_part, couple[0].view_position)
        for place, couple in enumerate(drawn[: study.practice_pairs], start=1)
    ]


def _unanswered(study: Study, practice: Sequence[ProposedPair]) -> list[str]:
    """What of the expected scores fits no practice pair, in sentences."""
    drawn = {image.sha256 for pair in practice for image in (pair.first, pair.second)}
    astray = len(study.expected_scores.keys() - drawn)
    sentences = [f"Expected scores: {astray} of the images stand in no practice pair."] if astray else []
    if study.practice_agreement and not any(study.expected_scores.get(checksum) for checksum in drawn):
        sentences.append("Practice: agreement is asked for, but no score is expected of any practice image.")
    return sentences


def _dealt(pairs: Sequence[ProposedPair], study: Study) -> Iterator[ProposedPair]:
    """The pairs with the blocks they are dealt into."""
    cards = [
        blocks.Card(pair.code, pair.kind == Pair.Kind.MAIN, f"{pair.body_part} {view(pair.first)}") for pair in pairs
    ]
    dealt = blocks.deal(study.seed, cards, study.blocks, study.anchor_pairs)
    return (replace(pair, block=dealt[pair.code]) for pair in pairs)


def _coded(couples: Iterable[tuple[Pair.Kind, Image, Image]], seed: int) -> Iterator[ProposedPair]:
    """The pairs with codes P001... whose order says nothing of kind, region or age of the images."""
    ordered = shuffled(couples, VERSION, seed, "code", key=lambda each: f"{_name(each[1])} {_name(each[2])}")
    digits = max(3, len(str(len(ordered))))
    for place, (kind, first, second) in enumerate(ordered, start=1):
        yield ProposedPair(
            code=f"P{place:0{digits}}",
            kind=kind,
            first=first,
            second=second,
            body_part=first.body_part,
            view_position=first.view_position,
        )
