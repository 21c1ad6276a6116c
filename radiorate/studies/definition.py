"""A study as a file: one flat TOML whose keys are the fields of the study, read and written here.

The same file over the same images gives the same pairs, sides and order.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.text import slugify

from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images.models import Collection, Origin
from radiorate.studies import enrolment, rubrics
from radiorate.studies.models import Criterion, Rubric, Study

Types = tuple[type, ...]
TEXT: Types = (str,)
WHOLE: Types = (int,)
NUMBER: Types = (int, float, Decimal)
SWITCH: Types = (bool,)
TABLE: Types = (dict,)
WORDS = {TEXT: "text in quotes", WHOLE: "a whole number", NUMBER: "a number", SWITCH: "true or false", TABLE: "a table"}
FIELDS = {  # the key of the file is the field of the study
    "title": TEXT,
    "slug": TEXT,
    "instructions": TEXT,
    "consent": TEXT,
    "seed": WHOLE,
    "sessions": WHOLE,
    "washout_days": WHOLE,
    "sessions_close": SWITCH,
    "practice_pairs": WHOLE,
    "practice_agreement": NUMBER,
    "practice_attempts": WHOLE,
    "expected_scores": TABLE,
    "pairs_wanted": WHOLE,
    "control_share": NUMBER,
    "repeat_share": NUMBER,
    "finding_asked": SWITCH,
    "findings": TEXT,
    "belief": TEXT,
    "blocks": WHOLE,
    "blocks_per_reader": WHOLE,
    "anchor_pairs": WHOLE,
    "forced_choice": SWITCH,
    "confidence_levels": WHOLE,
    "break_every": WHOLE,
    "exposure_seconds": NUMBER,
    "blank_ms": WHOLE,
    "reader_profile": SWITCH,
    "display_check": SWITCH,
    "closing_questions": SWITCH,
    "frame": TEXT,
    "canvas": WHOLE,
}
DECIMALS = ("control_share", "repeat_share", "practice_agreement", "exposure_seconds")
COLLECTIONS = {"real_collections": Origin.REAL, "synthetic_collections": Origin.SYNTHETIC}
PRACTICE = "practice_collections"  # of either origin; none for a study without practice
READER_FIELDS = {"email": TEXT, "years": WHOLE, "subspecialty": TEXT}
KEYS = [*FIELDS, "rubric", *COLLECTIONS, PRACTICE, "readers"]
CHECKSUM = re.compile(r"[0-9a-f]{64}")
RESERVED_SLUGS = {"new", "planner"}  # addresses of their own under /studies/ and /results/


class Invalid(ValueError):
    """What is wrong with a definition, in a sentence that begins with the key's name."""


def read(text: str) -> dict[str, Any]:
    """The definition in a TOML text. Raises Invalid."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise Invalid(f"The file is not TOML: {problem}.") from None


def create(definition: Mapping[str, Any], actor: User | None, *, simulated: bool = False) -> Study:
    """The stored draft, its readers enrolled; nothing is stored when anything is wrong. Raises Invalid.

    simulated: its ratings will be made by a program, which every page and export then says.
    """
    with transaction.atomic():
        study = _write(Study(created_by=actor, simulated=simulated), definition)
        audit.record(actor, "study.created", f"study {study.slug}")
        for email, facts in _readers(definition.get("readers", [])):
            user = User.objects.filter(email=email.lower()).first()
            if user is None:
                raise Invalid(f"readers: {email} has no account here; invite this person first.")
            try:
                enrolment.enrol(study, user, actor=actor, **facts)
            except enrolment.Refused as refused:
                raise Invalid(f"readers: {refused}") from None
    return study


def change(study: Study, definition: Mapping[str, Any], actor: User | None) -> Study:
    """The draft with another design; its readers stay. Raises Invalid, also once the study is open."""
    with transaction.atomic():
        draft = Study.objects.select_for_update().filter(pk=study.pk, state=Study.State.DRAFT).first()
        if draft is None:
            raise Invalid(f"{study.title} is open or closed: its design can't change any more.")
        changed = _write(draft, definition)
        audit.record(actor, "study.changed", f"study {changed.slug}")
    return changed


def copy(study: Study, actor: User | None) -> Study:
    """A new draft with the same design, without readers and answers; its name in addresses says what it copies."""
    stem, taken = study.slug[:56], set(Study.objects.values_list("slug", flat=True))
    slug = next(name for number in count(2) if (name := f"{stem}-{number}") not in taken)
    with transaction.atomic():
        made = create(_given(study) | {"slug": slug}, actor)
        audit.record(actor, "study.copied", f"study {slug}", detail={"from": study.slug})
    return made


def expect(study: Study, scores: Mapping[str, Mapping[str, int]], actor: User | None) -> Study:
    """The draft with these scores expected of its practice images, and no others. Raises Invalid."""
    return change(study, _given(study) | {"expected_scores": scores}, actor)


def design(study: Study) -> dict[str, Any]:
    """The definition of a study without its readers, as plain values; giving it to `create` makes the same study."""
    values = {key: getattr(study, key) for key in FIELDS}
    values |= {key: float(values[key]) for key in DECIMALS}
    names = {key: sorted(getattr(study, key).values_list("name", flat=True)) for key in (*COLLECTIONS, PRACTICE)}
    return {**values, "rubric": study.rubric.name, **names}


def export(study: Study, *, with_readers: bool = True) -> str:
    """The study file: the design, and the readers by e-mail by number, unless it leaves the house."""
    given = _given(study)
    expected = given.pop("expected_scores")
    lines = [f"{key} = {_toml(value)}" for key, value in given.items()]
    for image, scores in sorted(expected.items()):
        lines += ["", f"[expected_scores.{image}]", *(f"{key} = {value}" for key, value in sorted(scores.items()))]
    for reader in study.readers.active().select_related("user").order_by("number") if with_readers else ():
        facts = {"email": reader.user.email, "years": reader.years, "subspecialty": reader.subspecialty}
        lines += ["", "[[readers]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in facts.items() if value not in (None, "")]
    return "\n".join(lines) + "\n"


def _given(study: Study) -> dict[str, Any]:
    """The design without the keys that a file leaves out."""
    return {key: value for key, value in design(study).items() if value is not None}


def _toml(value: Any) -> str:
    if isinstance(value, str) and "\n" in value:
        return '"""\n' + "\n".join(_quoted(line)[1:-1] for line in value.split("\n")) + '"""'
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_quoted, value))}]"
    return json.dumps(value)


def _quoted(text: str) -> str:
    """A TOML basic string; JSON's escapes are TOML's, but JSON leaves DEL as it is and TOML forbids it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write(study: Study, definition: Mapping[str, Any]) -> Study:
    """The stored study with the definition's values, and the defaults for what it leaves out."""
    _refuse_unknown(definition, KEYS, "")
    given = {key: definition[key] for key in FIELDS if key in definition}
    _refuse_types(given, FIELDS, "")
    if "title" not in given:
        raise Invalid("title: missing.")
    defaults = {field.name: field.get_default() for field in Study._meta.fields if field.name in FIELDS}
    values = defaults | {"slug": slugify(given["title"])[:64]} | given
    if values["slug"] in RESERVED_SLUGS:
        raise Invalid(f"slug: {values['slug']} is taken by the site itself.")
    chosen = {key: _collections(definition, key, origin) for key, origin in COLLECTIONS.items()}
    chosen[PRACTICE] = _collections(definition, PRACTICE, None) if definition.get(PRACTICE) else []
    if bool(chosen[PRACTICE]) != bool(values["practice_pairs"]):
        raise Invalid(f"{PRACTICE}: practice takes both practice_pairs and collections to draw them from.")
    for key, value in values.items():
        setattr(study, key, Decimal(str(value)) if isinstance(value, float) else value)
    if study.blocks == 1 and study.anchor_pairs:
        raise Invalid("anchor_pairs: with a single block every reader reads all pairs anyway.")
    if study.blocks_per_reader > study.blocks > 0:
        raise Invalid("blocks_per_reader: there are not so many blocks.")
    study.rubric = _rubric(definition.get("rubric", "radiographs"))
    _refuse_unexpectable(study)
    if study.belief == Study.Belief.SIGNED and not study.forced_choice:
        raise Invalid('belief: "signed" has no answer for both or neither; forced_choice must be true.')
    if study.finding_asked and study.exposure_seconds:
        raise Invalid("finding_asked: a pair that is looked at twice cannot have a limited exposure.")
    if study.pairs_wanted == 0:
        raise Invalid("pairs_wanted: must be 1 or more; leave it out for as many as match.")
    try:
        study.full_clean(exclude=["created_by", "rubric"])
    except ValidationError as problem:
        words = [f"{key}: {' '.join(problem.message_dict[key])}" for key in FIELDS if key in problem.message_dict]
        raise Invalid(" ".join(words)) from None
    study.save()
    for key, collections in chosen.items():
        getattr(study, key).set(collections)
    return study


def _refuse_unknown(table: Mapping[str, Any], known: list[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise Invalid(f"{where}{key}: unknown; the keys are {', '.join(known)}.")


def _refuse_types(table: Mapping[str, Any], types: Mapping[str, Types], where: str) -> None:
    for key, value in table.items():
        # bool is a subclass of int, but `sessions = true` is a slip.
        if not isinstance(value, types[key]) or (isinstance(value, bool) and bool not in types[key]):
            raise Invalid(f"{where}{key}: must be {WORDS[types[key]]}.")


def _refuse_unexpectable(study: Study) -> None:
    """Expected scores are whole numbers within the scale of a criterion that is asked of each image."""
    asked = study.rubric.criteria.filter(kind=Criterion.Kind.SCALE, target=Criterion.Target.EACH)
    scales = {criterion.key: range(criterion.minimum, criterion.maximum + 1) for criterion in asked}
    for image, scores in study.expected_scores.items():
        if not CHECKSUM.fullmatch(image) or not isinstance(scores, dict):
            raise Invalid(f"expected_scores: {image} is no table named by an image's SHA-256.")
        for key, score in scores.items():
            if key not in scales:
                raise Invalid(f"expected_scores: {key} is none of: {', '.join(scales)}.")
            if type(score) is not int or score not in scales[key]:
                raise Invalid(f"expected_scores: {key} goes from {scales[key][0]} to {scales[key][-1]}.")


def _rubric(name: Any) -> Rubric:
    if not isinstance(name, str) or name not in rubrics.names():
        raise Invalid(f"rubric: {name} is none of: {', '.join(rubrics.names())}.")
    try:
        return rubrics.load(name)
    except rubrics.RubricChanged as problem:
        raise Invalid(f"rubric: {problem}") from None


def _collections(definition: Mapping[str, Any], key: str, origin: Origin | None) -> list[Collection]:
    """The collections a key names, all of that origin; None allows both."""
    names = definition.get(key)
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        raise Invalid(f"{key}: must be a list with the name of at least one collection.")
    found = {collection.name: collection for collection in Collection.objects.filter(name__in=names)}
    for name in names:
        if name not in found:
            raise Invalid(f"{key}: there is no collection called {name}.")
        if origin and found[name].origin != origin:
            raise Invalid(f"{key}: {name} holds {found[name].origin} images.")
    return list(found.values())


def _readers(entries: Any) -> list[tuple[str, dict[str, Any]]]:
    """(e-mail, other facts) of each reader."""
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise Invalid("readers: must be tables, each [[readers]] with an email.")
    for entry in entries:
        _refuse_unknown(entry, list(READER_FIELDS), "readers.")
        _refuse_types(entry, READER_FIELDS, "readers.")
        try:
            validate_email(entry.get("email", ""))
        except ValidationError:
            raise Invalid(f"readers.email: {entry.get('email', '')!r} is no e-mail address.") from None
    return [(entry["email"], {key: value for key, value in entry.items() if key != "email"}) for entry in entries]
