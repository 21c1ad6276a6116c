"""What is shown: collections of images, their originals, and the canonical pixels a reader gets."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Origin(models.TextChoices):
    """Where a collection's images come from; it stands on the collection and nowhere on the image row."""

    REAL = "real"
    SYNTHETIC = "synthetic"


class ViewPosition(models.TextChoices):
    """DICOM View Position (0018,5101), the four values used here; empty where none of them fits."""

    AP = "AP", "anteroposterior"
    PA = "PA", "posteroanterior"
    LL = "LL", "left lateral"
    RL = "RL", "right lateral"


class Laterality(models.TextChoices):
    """DICOM Image Laterality (0020,0062)."""

    LEFT = "L", "left"
    RIGHT = "R", "right"
    BOTH = "B", "both"
    UNPAIRED = "U", "unpaired"


class Sex(models.TextChoices):
    """DICOM Patient's Sex (0010,0040)."""

    FEMALE = "F", "female"
    MALE = "M", "male"
    OTHER = "O", "other"


class Collection(models.Model):
    """Images of one origin and one source, the only thing handed from generation to studies."""

    name = models.CharField(max_length=120, unique=True)
    origin = models.CharField(max_length=9, choices=Origin, editable=False)
    source = models.CharField(max_length=300, blank=True)
    licence = models.CharField(max_length=120, blank=True)
    citation = models.TextField(blank=True)
    has_cross_sections = models.BooleanField(default=False, editable=False)  # CT, MR and ultrasound are taken, too
    may_be_sent = models.BooleanField(default=False, editable=False)  # an admin's consent: to providers outside
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="collection_origin_is_known", condition=Q(origin__in=["real", "synthetic"]))
        ]

    def __str__(self) -> str:
        return self.name


class Ground(models.TextChoices):
    """Why an image is withdrawn. A synthetic one only for what the first six say: none is left out for its looks."""

    WRONG_REGION = "wrong_region", "not an image of the region asked for"
    UNREADABLE = "unreadable", "unreadable"
    BURNT_IN_TEXT = "burnt_in_text", "burnt-in text"
    NEAR_COPY = "near_copy", "near-copy of a real image"
    DUPLICATE = "duplicate", "duplicate"
    TECHNICAL_FAULT = "technical_fault", "technical fault"
    CONSENT = "consent", "the patient's wish, or consent taken back"
    IDENTITY = "identity", "shows who the patient is"
    OTHER = "other", "another reason, in words"

    @classmethod
    def of(cls, origin: str) -> "list[Ground]":
        """Those that may be given for an image of this origin."""
        synthetic = list(cls)[:6]
        return synthetic if origin == Origin.SYNTHETIC else [each for each in cls if each != cls.NEAR_COPY]


class ImageQuerySet(models.QuerySet["Image"]):
    def available(self) -> "ImageQuerySet":
        """Images that may be paired: neither held for a person's look nor withdrawn."""
        return self.filter(state=Image.State.AVAILABLE)

    def held(self) -> "ImageQuerySet":
        """Images that wait for a person's look."""
        return self.filter(state=Image.State.HELD)


class Image(models.Model):
    """One radiograph as it came in: what it shows, where it came from, and the original's checksum."""

    class State(models.TextChoices):
        AVAILABLE = "available"  # may be paired
        HELD = "held"  # a person must look first (words in the pixels, say)
        WITHDRAWN = "withdrawn"  # taken out, with a reason; ratings of it stay

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="images")
    modality = models.CharField(max_length=16, blank=True)  # DICOM Modality: CR, DX; "X-ray" where not told
    body_part = models.CharField(max_length=40, blank=True, db_index=True)  # lower case: "hand", "lumbar spine"
    view_position = models.CharField(max_length=2, choices=ViewPosition, blank=True)
    view_modifier = models.CharField(max_length=60, blank=True)  # what the view says beyond that: "mortise"
    laterality = models.CharField(max_length=1, choices=Laterality, blank=True)
    patient_sex = models.CharField(max_length=1, choices=Sex, blank=True)
    pathology = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=300, blank=True)
    licence = models.CharField(max_length=120, blank=True)
    attribution = models.CharField(max_length=300, blank=True)
    original = models.FileField(max_length=200, editable=False)
    mime = models.CharField(max_length=40, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)  # of the bytes that came in
    pixel_sha256 = models.CharField(max_length=64, editable=False)  # of the decoded pixels, size and depth included
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    bits = models.PositiveSmallIntegerField(editable=False)
    provenance = models.JSONField(default=dict, editable=False)
    reference = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="imitations")
    state = models.CharField(max_length=9, choices=State, default=State.AVAILABLE, editable=False)
    state_reason = models.CharField(max_length=300, blank=True, editable=False)
    withdrawn_for = models.CharField(max_length=15, choices=Ground, blank=True, editable=False)
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["added_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["collection", "sha256"], name="image_once_per_collection"),
            models.UniqueConstraint(fields=["collection", "pixel_sha256"], name="image_pixels_once_per_collection"),
            models.CheckConstraint(
                name="image_held_or_withdrawn_has_reason", condition=Q(state="available") | ~Q(state_reason="")
            ),
            models.CheckConstraint(
                name="image_view_position_is_known", condition=Q(view_position__in=["", "AP", "PA", "LL", "RL"])
            ),
        ]
        indexes = [models.Index(fields=["collection", "body_part", "view_position"], name="image_by_view")]

    def __str__(self) -> str:
        region = self.body_part or "region unknown"
        return " ".join(part for part in (region, self.view_position, self.laterality) if part)

    @property
    def original_sha256(self) -> str:
        """Checksum of the stored original, which differs from the incoming bytes where metadata was left behind."""
        kept: dict[str, str] = self.provenance.get("kept", {})
        return kept.get("sha256", self.sha256)


class Fingerprint(models.Model):
    """What an image looks like at a size where scale, noise and compression no longer show: copies are found by it."""

    image = models.OneToOneField(Image, on_delete=models.PROTECT, related_name="fingerprint")
    hash = models.BigIntegerField()  # 64 signs of the lowest frequencies, as a signed number
    picture = models.BinaryField()  # 64 x 64 grey levels
    compared_at = models.DateTimeField(null=True)  # of a synthetic image: when real ones like it were last looked for

    def __str__(self) -> str:
        return f"fingerprint of {self.image_id}"


class Rendition(models.Model):
    """The canonical pixels of an image under one recipe; the only bytes a reader ever gets."""

    image = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="renditions")
    recipe = models.CharField(max_length=60)  # names writer version, canvas and frame: "r1/1024/crop-0.80"
    file = models.FileField(max_length=200, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["image", "recipe"], name="rendition_once_per_recipe")]

    def __str__(self) -> str:
        return f"{self.image} as {self.recipe}"


class Import(models.Model):
    """One upload or folder being taken in: how far it is, and what became of each file."""

    class State(models.TextChoices):
        QUEUED = "queued"  # the files are stored, no worker has begun
        RUNNING = "running"
        DONE = "done"  # each file has its image or its reason

    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="imports")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=7, choices=State, default=State.QUEUED, editable=False)
    claim = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="import_running_has_claim", condition=~Q(state="running") | Q(claim__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"import {self.pk} into {self.collection}"


class ImportFile(models.Model):
    """One file of an import and what became of it."""

    class Outcome(models.TextChoices):
        WAITING = "waiting"
        ACCEPTED = "accepted"
        HELD = "held"
        REJECTED = "rejected"
        DUPLICATE = "duplicate"
        ABSENT = "absent"  # in the manifest, not among the files

    of_import = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="files")
    # As given, shown to admins, never used as a path. That of a real radiograph is forgotten once it is taken in.
    name = models.CharField(max_length=300)
    facts = models.JSONField(default=dict)  # the manifest's row, normalised
    staged = models.FileField(max_length=200, editable=False)  # emptied once the file is settled
    tries = models.PositiveSmallIntegerField(default=0, editable=False)  # how often a worker began to read it
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.WAITING, editable=False)
    reason = models.CharField(max_length=300, blank=True, editable=False)
    image = models.ForeignKey(Image, on_delete=models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="import_file_accepted_has_image",
                condition=~Q(outcome__in=["accepted", "held"]) | Q(image__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name
