"""What the page of one study shows: its pairs by region, what found no partner, and how far its readers are."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from radiorate.accounts.models import User
from radiorate.studies import blocks, definition, lifecycle, pairing
from radiorate.studies.models import Pair, Study

PREVIEWED = 6  # pairs shown as pictures
OFFERED = 200  # accounts the enrolment form suggests


@dataclass(frozen=True)
class Region:
    """How many pairs there are of one region and view."""

    body_part: str
    view_position: str
    main: int
    control: int


@dataclass(frozen=True)
class Load:
    """Main pairs that all read, those a reader reads at the fewest and the most, and the readers of any other pair."""

    anchors: int
    fewest: int
    most: int
    fewest_readers: int
    most_readers: int


def context(study: Study) -> dict[str, Any]:
    """Everything the page shows; the number of queries does not grow with pairs, images or readers."""
    proposal = pairing.propose(study) if study.state == Study.State.DRAFT else None
    pairs: Sequence[Pair | pairing.ProposedPair]
    if proposal is None:
        pairs = list(study.pairs.select_related("first__collection", "second__collection", "withdrawal"))
        left_over = Counter(left["reason"] for left in (study.protocol or {}).get("unmatched", []))
        unmatched = [{"reason": reason, "count": count, "images": []} for reason, count in sorted(left_over.items())]
    else:
        pairs = proposal.pairs
        unmatched = _by_reason(proposal.unmatched)
    readers = list(
        study.readers.select_related("user", "practice_pass").prefetch_related("practice_attempts").with_progress()
    )
    active = [reader for reader in readers if reader.removed_at is None]
    return {
        "study": study,
        "design": definition.design(study),
        "proposal": proposal,
        "obstacles": lifecycle.obstacles(proposal, "") if proposal else [],
        "can_open": bool(proposal and proposal.of(Pair.Kind.MAIN)),
        "regions": _regions(pairs),
        "load": _load(study, pairs, len(active)),
        "preview": [pair for pair in pairs if pair.kind == Pair.Kind.MAIN][:PREVIEWED],
        "main_count": sum(pair.kind == Pair.Kind.MAIN for pair in pairs),
        "control_count": sum(pair.kind == Pair.Kind.CONTROL for pair in pairs),
        "practice_count": sum(pair.kind == Pair.Kind.PRACTICE for pair in pairs),
        "shown_pairs": [pair for pair in pairs if proposal is None and not hasattr(pair, "withdrawal")],
        "withdrawn": [pair for pair in pairs if hasattr(pair, "withdrawal")],
        "unmatched": unmatched,
        "unmatched_count": sum(group["count"] for group in unmatched),
        "readers": readers,
        "active_count": len(active),
        "planned": sum(reader.planned for reader in active),  # type: ignore[attr-defined]
        "rated": sum(reader.rated for reader in active),  # type: ignore[attr-defined]
        "accounts": User.objects.filter(is_staff=False, is_active=True).exclude(
            pk__in=[reader.user_id for reader in active]
        )[:OFFERED],
    }


def _load(study: Study, pairs: Sequence[Pair | pairing.ProposedPair], readers: int) -> Load | None:
    """How the pairs are shared among the readers; None where all read all."""
    if study.blocks == 1:
        return None
    sizes = Counter(pair.block for pair in pairs if pair.kind == Pair.Kind.MAIN)
    anchors = sizes.pop(None, 0)
    each = sorted(sizes.get(block, 0) for block in range(1, study.blocks + 1))
    fewest, most = anchors + sum(each[: study.blocks_per_reader]), anchors + sum(each[-study.blocks_per_reader :])
    return Load(anchors, fewest, most, *blocks.readings(readers, study.blocks, study.blocks_per_reader))


def _by_reason(unmatched: Sequence[pairing.Unmatched]) -> list[dict[str, Any]]:
    groups = defaultdict(list)
    for left in unmatched:
        groups[left.reason].append(left.image)
    return [{"reason": reason, "count": len(images), "images": images} for reason, images in sorted(groups.items())]


def _regions(pairs: Sequence[Pair | pairing.ProposedPair]) -> list[Region]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for pair in pairs:
        if pair.kind == Pair.Kind.PRACTICE:
            continue
        counts[pair.body_part, pairing.view(pair.first), pair.kind] += 1
    return [
        Region(part, view, counts[part, view, Pair.Kind.MAIN], counts[part, view, Pair.Kind.CONTROL])
        for part, view in sorted({(part, view) for part, view, _ in counts})
    ]
