"""Who sees which pair when and on which side: readers, pairs and assignments."""

from typing import TypeAlias

import pgtrigger
from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from radiorate.evidence import APPEND_ONLY
from radiorate.images.models import Image
from radiorate.studies.models.progress import PairKind, counted, to_be_rated
from radiorate.studies.models.study import DRAFT_ONLY, Study


class Side(models.TextChoices):
    LEFT = "left"
    RIGHT = "right"


class ReaderQuerySet(models.QuerySet["Reader"]):
    def active(self) -> "ReaderQuerySet":
        return self.filter(removed_at__isnull=True)

    def with_progress(self) -> "ReaderQuerySet":
        """Readers with the numbers of their planned and rated showings, as `planned` and `rated`."""
        return self.annotate(
            planned=Count("assignments", filter=to_be_rated("assignments")),
            rated=Count("assignments__rating", filter=counted("assignments")),
        )


class Reader(models.Model):
    """A person enrolled in a study, known in every export by the code alone."""

    class AIExposure(models.TextChoices):
        """How well a reader knows images that a program made."""

        NONE = "none", gettext_lazy("I have knowingly looked at none")
        SOME = "some", gettext_lazy("I have looked at some")
        OFTEN = "often", gettext_lazy("I look at them often, or have judged them in a study")
        MAKER = "maker", gettext_lazy("I have worked on making or detecting them")

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments")
    code = models.CharField(max_length=64, validators=[RegexValidator(r"^[A-Za-z0-9_-]{1,64}$")])  # "R1"
    number = models.PositiveSmallIntegerField()  # order of enrolment; sides and order follow from it and the seed
    years = models.PositiveSmallIntegerField(null=True, blank=True)  # of experience
    subspecialty = models.CharField(max_length=80, blank=True)
    ai_exposure = models.CharField(max_length=5, choices=AIExposure, blank=True)
    profiled_at = models.DateTimeField(null=True, editable=False)  # when the reader said the three above
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = ReaderQuerySet.as_manager()

    class Meta:
        ordering = ["study", "number"]
        constraints = [
            models.UniqueConstraint(fields=["study", "user"], name="reader_once_per_study"),
            models.UniqueConstraint(fields=["study", "code"], name="reader_code_once_per_study"),
            models.UniqueConstraint(fields=["study", "number"], name="reader_number_once_per_study"),
        ]
        triggers = [pgtrigger.ReadOnly(name="place_is_kept", fields=["study", "user", "code", "number"])]

    def __str__(self) -> str:
        return self.code


class Pair(models.Model):
    """Two images that are shown together; in a main pair the first is real and the second synthetic."""

    Kind: TypeAlias = PairKind

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="pairs")
    code = models.CharField(max_length=64)  # "P001", in exports
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MAIN)
    first = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")
    body_part = models.CharField(max_length=40, blank=True)
    view_position = models.CharField(max_length=2, blank=True)
    block = models.PositiveSmallIntegerField(null=True)  # from 1; null: every reader reads it
    recipe = models.CharField(max_length=60, blank=True)  # the rendition both images are shown in

    class Meta:
        ordering = ["study", "code"]
        constraints = [
            models.UniqueConstraint(fields=["study", "code"], name="pair_code_once_per_study"),
            models.UniqueConstraint(fields=["study", "first", "second"], name="pair_once_per_study"),
            models.CheckConstraint(name="pair_holds_two_images", condition=~Q(first=F("second"))),
        ]
        triggers = [DRAFT_ONLY]

    def __str__(self) -> str:
        return self.code


class PairWithdrawal(models.Model):
    """That a pair of an open study is shown no more, and no figure holds it; append-only in the database."""

    pair = models.OneToOneField(Pair, on_delete=models.PROTECT, related_name="withdrawal")
    reason = models.CharField(max_length=500)
    withdrawn_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.pair}: {self.reason}"


class Assignment(models.Model):
    """A pair planned for a reader: session, position in it, and the side its first image stands on."""

    reader = models.ForeignKey(Reader, on_delete=models.PROTECT, related_name="assignments")
    pair = models.ForeignKey(Pair, on_delete=models.PROTECT, related_name="assignments")
    session = models.PositiveSmallIntegerField()
    position = models.PositiveIntegerField()  # 1.. within the session
    first_side = models.CharField(max_length=5, choices=Side)
    repeat_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeats")

    class Meta:
        ordering = ["reader", "session", "position"]
        constraints = [
            models.UniqueConstraint(fields=["reader", "session", "position"], name="assignment_one_per_place"),
            models.UniqueConstraint(
                fields=["reader", "pair"], condition=Q(repeat_of__isnull=True), name="assignment_pair_once_per_reader"
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="not_once_closed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF EXISTS (
                        SELECT 1 FROM studies_reader reader JOIN studies_study study ON study.id = reader.study_id
                        WHERE reader.id = NEW.reader_id AND study.state = 'closed'
                    ) THEN
                        RAISE EXCEPTION 'the study is closed';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reader}, session {self.session}, {self.position}"

    @property
    def left(self) -> Image:
        return self.pair.first if self.first_side == Side.LEFT else self.pair.second

    @property
    def right(self) -> Image:
        return self.pair.second if self.first_side == Side.LEFT else self.pair.first
