"""The protocol: the whole design of a study as it stood at opening, and the hash that every export cites.

It names images by checksum and holds no database id, no person and no time: the same study file over the same images
gives the same hash on another installation.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any

import radiorate
from radiorate.images.models import Image, Rendition
from radiorate.studies import assigning, blocks, definition, pairing, rubrics
from radiorate.studies.models import Study


def write(
    study: Study, proposal: pairing.Proposal, renditions: Iterable[Rendition], accept_unmatched: str
) -> dict[str, Any]:
    """The protocol as plain values that survive JSON."""
    shown = {rendition.image_id: rendition for rendition in renditions}
    return {
        "format": "radiorate-protocol/1",
        "software": {
            "radiorate": radiorate.__version__,
            "pairing": pairing.VERSION,
            "assigning": assigning.VERSION,
            "blocks": blocks.VERSION,
        },
        "study": definition.design(study),
        "rubric": {"name": study.rubric.name, "version": study.rubric.version, **rubrics.texts(study.rubric)},
        "pairs": [
            {
                "code": pair.code,
                "kind": pair.kind.value,
                "body_part": pair.body_part,
                "view_position": pair.view_position,
                "block": pair.block,
                "recipe": shown[pair.first.pk].recipe,
                "first": _image(pair.first, shown[pair.first.pk]),
                "second": _image(pair.second, shown[pair.second.pk]),
            }
            for pair in proposal.pairs
        ],
        "unmatched": [{"sha256": left.image.sha256, "reason": left.reason} for left in proposal.unmatched],
        "spare": [image.sha256 for image in proposal.spare],
        "shortfalls": proposal.shortfalls,
        "accepted_because": accept_unmatched,
    }


def digest(content: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON in UTF-8, as 64 hex digits."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def canonical(content: dict[str, Any]) -> str:
    """The protocol's one form as JSON: sorted keys, no spaces, signs beyond ASCII as they are."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _image(image: Image, rendition: Rendition) -> dict[str, str]:
    return {"sha256": image.sha256, "collection": image.collection.name, "rendition": rendition.sha256}
