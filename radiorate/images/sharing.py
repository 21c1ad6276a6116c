"""Whether a radiograph may be sent to a service outside: an admin's consent and the licence, both or not at all."""

import re
from dataclasses import dataclass

from django.db.models import Count

from radiorate.images.models import Collection, Image, Origin

# In this order; the first that is found in a licence's words decides.
FORBIDS = (
    (r"\bnd\b|no.?deriv", "its licence (“{}”) allows no changes"),
    (r"physionet|mimic|chexpert|credential|data use agreement|\bdua\b", "“{}” binds its users not to pass it on"),
)
ALLOWS = (
    r"^cc0\b|^cc[ -]zero\b|public domain|^pdm\b",
    r"^cc[ -]by([ -]sa)?([ -]?\d(\.\d)?)?( [a-z]{2,4})?$",
    r"^(mit|apache|bsd)\b",
    r"^(our )?own\b",
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
    if any(re.search(pattern, words) for pattern in ALLOWS):
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
