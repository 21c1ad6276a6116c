"""Forms left half filled: kept on the server, so that a reader goes on where she stopped, on any device.

A page sends one when it is left, not while it is being filled: a rating stays one request.
"""

import json
from uuid import UUID

from django.db.models.functions import Now
from django.http import QueryDict

from radiorate.reading.models import Draft, Presentation
from radiorate.reading.scales import RatingForm

MOST_BYTES = 20_000


def keep(shown: Presentation, posted: QueryDict, stamp: UUID) -> None:
    """Keep what a form holds; nothing happens where its pair no longer waits for an answer, or it is no form's size."""
    given = (
        (name, field.widget.value_from_datadict(posted, {}, name)) for name, field in RatingForm(shown).fields.items()
    )
    fields = {name: value for name, value in given if value}
    if len(json.dumps(fields)) > MOST_BYTES or not Presentation.objects.live().filter(pk=shown.pk).exists():
        return
    left = {"version": shown.version, "fields": fields, "stamp": stamp, "kept_at": Now()}
    Draft.objects.update_or_create(assignment=shown.assignment, defaults=left)


def of(shown: Presentation) -> Draft | None:
    """What was left of this pair; None where nothing was, or where it was answered since."""
    draft: Draft | None = getattr(shown.assignment, "draft", None)
    return draft if draft and draft.version == shown.version else None
