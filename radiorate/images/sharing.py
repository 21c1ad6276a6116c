"""Whether a radiograph may be sent to a service outside: an admin's consent and the licence, both or not at all."""

import re
from dataclasses import dataclass

from django.db.models import Count

from radiorate.images.models import Collection, Image, Origin

# In this order; the first that is found in a licence's words decides.
FORBIDS = (
    (r"\bnd\b|no.?deriv", "its licence (“{}”) allows no changes"),
    # Whether a paid call to a company's service is commercial is for a lawyer to say.
    (r"\bnc\b|non.?commerc", "its licence (“{}”) forbids commercial use, and a paid service may be that"),
    (
        r"physionet|mimic|chexpert|vindr|\bmura\b|credential|data use agreement|\bdua\b",
        "“{}” binds its users not to pass it on",
    ),
    (r"redistribut|research use|\brestricted|\bonly\b", "its licence (“{}”) restricts what it may be used for"),
)
# The WHOLE licence; anything more may take back what the first words give.
ALLOWS = re.compile(
    r"cc[ -]?(0|zero)([ -]1\.0)?( universal)?"
    r"|public[ -]domain( mark)?( \d\.\d)?|pdm( \d\.\d)?"
    r"|cc[ -]by([ -]sa)?([ -]?\d(\.\d)?)?( [a-z]{2,4})?"
    r"|mit( licen[cs]e)?( \((repository|pydicom-data)\))?"
    r"|apache([ -]licen[cs]e)?([ ,-]*(version )?2(\.0)?)?"
    r"|bsd([ -][23][ -]clause)?( licen[cs]e)?"
    r"|nih chestx-ray14: use unrestricted, credit the nih clinical center"
    r"|(our )?own( images| radiographs)?"
)


def refusal(image: Image) -> str:
    """Why the image may not leave, in one sentence; empty when it may.

    What was made from a real image holds parts of it, so each image it goes back to is asked about too.
    """
    step: Image | None = image
    while step:
        if step.collection.origin == Origin.REAL:
            if not step.collection.may_be_sent:
                return (
                    f"No consent is recorded to send images of the collection “{step.collection}” "
                    "to a service outside; an admin gives it on the collection's page."
                )
            if reason := licence_refusal(step.licence or step.collection.licence):
                return f"The source image {step.pk} may not be sent to a service outside: {reason}."
        step = step.reference
    return ""


def licence_refusal(licence: str) -> str:
    """Why a licence keeps an image here, as the end of a sentence; empty when it lets it go."""
    words = " ".join(licence.lower().split())
    if not words:
        return "no licence is named; an admin names it on the collection's page"
    for pattern, reason in FORBIDS:
        if re.search(pattern, words):
            return reason.format(licence)
    if ALLOWS.fullmatch(words):
        return ""
    return f"the licence “{licence}” isn't known here; name it as CC0, public domain, CC BY, CC BY-SA or our own"


@dataclass(frozen=True)
class Licence:
    """A licence in a collection, how many of its images are under it, and why it keeps them here, if it does."""

    name: str
    images: int
    refusal: str


def licences(collection: Collection) -> list[Licence]:
    """The collection's licences, the commonest first; images that name none are under the collection's own."""
    counted = collection.images.order_by().values_list("licence").annotate(count=Count("pk")).order_by("-count")
    named = [(name or collection.licence, count) for name, count in counted]
    return [Licence(name, count, licence_refusal(name)) for name, count in named]
