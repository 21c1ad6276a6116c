"""What an image shows, in the words of the models: one table of synonyms, and nothing guessed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from radiorate.images.models import Image

BODY_PARTS = {
    "thorax": "chest",
    "lung": "chest",
    "lungs": "chest",
    "skull": "head",
    "cranium": "head",
    "ankle joint": "ankle",
    "knee joint": "knee",
    "elbow joint": "elbow",
    "hip joint": "hip",
    "wrist joint": "wrist",
    "upper arm": "humerus",
    "lower leg": "leg",
    "lowerleg": "leg",
    "tibia and fibula": "leg",
    "tibfib": "leg",
    "cspine": "cervical spine",
    "c-spine": "cervical spine",
    "tspine": "thoracic spine",
    "t-spine": "thoracic spine",
    "dorsal spine": "thoracic spine",
    "lspine": "lumbar spine",
    "l-spine": "lumbar spine",
}
# Unlike a manifest, a DICOM header may hold anything, a name too: only these are believed.
BODY_PARTS_OF_DICOM = frozenset(BODY_PARTS) | {
    *BODY_PARTS.values(),
    *("abdomen", "ankle", "clavicle", "elbow", "femur", "finger", "foot", "forearm", "hand", "hip", "humerus"),
    *("knee", "neck", "pelvis", "rib", "ribs", "scapula", "shoulder", "toe", "wrist"),
}
VIEWS = {
    "ap": "AP",
    "a.p.": "AP",
    "anteroposterior": "AP",
    "antero-posterior": "AP",
    "dorsoplantar": "AP",
    "pa": "PA",
    "p.a.": "PA",
    "posteroanterior": "PA",
    "postero-anterior": "PA",
    "dorsopalmar": "PA",
    "ll": "LL",
    "rl": "RL",
}
LATERALITIES = {"l": "L", "left": "L", "r": "R", "right": "R", "b": "B", "both": "B", "u": "U", "unpaired": "U"}
SEXES = {"f": "F", "female": "F", "m": "M", "male": "M", "o": "O", "other": "O"}
# What may be told of an image after it came in, as a page names it; what recorded it is the file's own word.
LATER = {
    "body_part": "region",
    "view_position": "view",
    "view_modifier": "view",
    "laterality": "side",
    "patient_sex": "sex",
    "pathology": "pathology",
    "source": "source",
    "licence": "licence",
    "attribution": "attribution",
}


@dataclass(frozen=True)
class Facts:
    """What an image shows and whose it is; the names are those of the Image fields, empty means not told."""

    modality: str = ""
    body_part: str = ""
    view_position: str = ""
    view_modifier: str = ""
    laterality: str = ""
    patient_sex: str = ""
    pathology: str = ""
    source: str = ""
    licence: str = ""
    attribution: str = ""

    def or_else(self, other: "Facts") -> "Facts":
        """These facts, and the other's where these say nothing.

        The view is one fact: a modifier of the one must not join the position of the other.
        """
        missing = {name: value for name, value in vars(other).items() if not getattr(self, name)}
        if self.view_position or self.view_modifier:
            missing = {name: value for name, value in missing.items() if not name.startswith("view_")}
        return replace(self, **missing)

    def missing_in(self, image: Image) -> dict[str, str]:
        """The values told here, by field, that the stored image leaves empty; its view is one fact here too."""
        stored = Facts(**{name: getattr(image, name) for name in vars(self)})
        return {
            name: value
            for name, value in vars(stored.or_else(self)).items()
            if name in LATER and value != getattr(stored, name)
        }


NOTHING_TOLD = Facts()


def normalise(row: Mapping[str, str]) -> Facts:
    """The facts in a manifest's row: columns region or body_part, view or view_position, and those of Facts."""

    def told(*names: str) -> str:
        return next((" ".join(str(row[name]).split()) for name in names if row.get(name)), "")

    body_part = told("region", "body_part").lower()
    laterality = LATERALITIES.get(told("laterality", "side").lower(), "")
    position, modifier = view(told("view", "view_position"), laterality)
    facts = {
        "modality": told("modality"),
        "body_part": BODY_PARTS.get(body_part, body_part),
        "view_position": position,
        "view_modifier": told("view_modifier") or modifier,
        "laterality": laterality,
        "patient_sex": SEXES.get(told("sex", "patient_sex").lower(), ""),
        "pathology": told("pathology"),
        "source": told("source"),
        "licence": told("licence", "license"),
        "attribution": told("attribution"),
    }
    lengths = {column.name: column.max_length for column in Image._meta.concrete_fields}
    return Facts(**{name: value[: lengths[name]] for name, value in facts.items()})


def view(words: str, laterality: str) -> tuple[str, str]:
    """View position and what is said beyond it: "AP (Grashey)" gives ("AP", "Grashey").

    Words that name no position give an empty one and stand whole in the modifier: an oblique or a frog-leg lateral
    is not the plain view whose name it holds.
    """
    first, _, rest = words.partition(" ")
    modifier = rest.strip().removeprefix("(").removesuffix(")")
    if first.lower() in VIEWS:
        return VIEWS[first.lower()], modifier
    if first.lower() in ("lateral", "lat", "lat."):
        # DICOM has no plain "lateral": LL and RL say which side lies on the detector. Of a right limb that is the
        # right one; where no side is told, LL is the convention (the chest is taken with its left side in front).
        return ("RL" if laterality == "R" else "LL"), modifier
    if words.lower() in ("left lateral", "right lateral"):
        return ("LL" if first.lower() == "left" else "RL"), ""
    return "", words


def from_dicom(tags: Mapping[str, str]) -> Facts:
    """The facts in a DICOM header's coded values; what the tables do not know is dropped, it may be a name."""
    body_part = tags.get("BodyPartExamined", "").lower()
    view_position = tags.get("ViewPosition", "").lower()
    return normalise(
        {
            "modality": tags.get("Modality", ""),
            "region": body_part if body_part in BODY_PARTS_OF_DICOM else "",
            "view": view_position if view_position in VIEWS or view_position in ("lateral", "lat") else "",
            "laterality": tags.get("ImageLaterality") or tags.get("Laterality", ""),
            "sex": tags.get("PatientSex", ""),
        }
    )
