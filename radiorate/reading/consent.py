"""A study's consent and ethics text: no pair before its reader has agreed to it."""

import hashlib

from radiorate.reading.models import Consent
from radiorate.studies.models import Reader


def is_due(reader: Reader) -> bool:
    """Whether the study has a text that the reader has not agreed to yet."""
    return bool(reader.study.consent) and not Consent.objects.filter(reader=reader).exists()


def agree(reader: Reader) -> Consent:
    """The reader's agreement to the text of an open study, which is frozen; a second one changes nothing."""
    checksum = hashlib.sha256(reader.study.consent.encode()).hexdigest()
    return Consent.objects.get_or_create(reader=reader, defaults={"text_sha256": checksum})[0]
