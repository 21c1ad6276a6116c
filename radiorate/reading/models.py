"""The rating page's evidence: each showing, each submission for ever, and the current answer of each assignment."""

import secrets
import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy

from radiorate.accounts.models import User
from radiorate.evidence import APPEND_ONLY
from radiorate.studies.models import Assignment, Criterion, Reader, Side, Study, Tag


def image_token() -> str:
    """A random name for one image in one showing; it says nothing of image, side or origin."""
    return secrets.token_urlsafe(24)


class PresentationQuerySet(models.QuerySet["Presentation"]):
    def shown_to(self, user: User) -> "PresentationQuerySet":
        return self.filter(assignment__reader__user=user)

    def live(self) -> "PresentationQuerySet":
        """Showings that still wait for their answer: the pair has no newer rating, and its reader may rate it."""
        return self.filter(
            Q(version=0, assignment__rating__isnull=True) | Q(version=F("assignment__rating__version")),
            event__isnull=True,
            assignment__reader__removed_at__isnull=True,
            assignment__reader__study__state=Study.State.OPEN,
        )

    def with_questions(self) -> "PresentationQuerySet":
        """With all that the page and its answer are made of: reader, study, pair and criteria."""
        return self.select_related(
            "assignment__reader__study__rubric", "assignment__pair", "assignment__draft"
        ).prefetch_related("assignment__reader__study__rubric__criteria", "assignment__reader__study__rubric__tags")


class Presentation(models.Model):
    """One showing of an assignment. Its id is the submission id; each side has a random token for its pixels."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="presentations")
    left_token = models.CharField(max_length=32, unique=True, default=image_token, editable=False)
    right_token = models.CharField(max_length=32, unique=True, default=image_token, editable=False)
    version = models.PositiveIntegerField(default=0)  # of the rating this showing started from; 0: none yet
    shown_at = models.DateTimeField(db_default=Now())

    objects = PresentationQuerySet.as_manager()

    def __str__(self) -> str:
        return str(self.id)

    @property
    def study(self) -> Study:
        return self.assignment.reader.study

    @property
    def criteria(self) -> list[Criterion]:
        """What is asked about this pair: the rubric's criteria that apply to its region, in their order."""
        asked = self.study.rubric.criteria.all()
        return [criterion for criterion in asked if criterion.applies_to(self.assignment.pair.body_part)]

    @property
    def tags(self) -> list[Tag]:
        """The defects that can be pinned in this pair's region, in the rubric's order."""
        known = self.study.rubric.tags.all()
        return [tag for tag in known if tag.applies_to(self.assignment.pair.body_part)]


class RatingEvent(models.Model):
    """What a reader submitted for one presentation, word for word; append-only in the database."""

    presentation = models.OneToOneField(Presentation, on_delete=models.PROTECT, related_name="event")
    answers = models.JSONField()
    version = models.PositiveIntegerField()  # the rating's version this event made
    client_times = models.JSONField(default=dict)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["pk"]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.presentation} v{self.version}"


class BelievedReal(models.TextChoices):
    LEFT = "left"
    RIGHT = "right"
    BOTH = "both"
    NEITHER = "neither"


class Rating(models.Model):
    """The current answer to an assignment, made by its latest event."""

    assignment = models.OneToOneField(Assignment, on_delete=models.PROTECT, related_name="rating")
    event = models.OneToOneField(RatingEvent, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    believed_real = models.CharField(max_length=7, choices=BelievedReal)
    confidence = models.PositiveSmallIntegerField()
    comment = models.TextField(blank=True)
    seconds = models.DecimalField(max_digits=9, decimal_places=3)  # on the task, pauses taken out
    submitted_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(name="rating_confidence_is_1_to_5", condition=Q(confidence__range=(1, 5))),
            models.CheckConstraint(name="rating_seconds_are_positive", condition=Q(seconds__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} v{self.version}"


class Score(models.Model):
    """One criterion's value for one image of a rating, or the reason it could not be assessed."""

    rating = models.ForeignKey(Rating, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=5, choices=Side, blank=True)  # empty for a criterion asked once a pair
    value = models.SmallIntegerField(null=True)
    reason = models.CharField(max_length=120, blank=True)  # only where not assessable

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rating", "criterion", "side"], name="score_once_per_side"),
            models.CheckConstraint(
                name="score_has_value_or_reason",
                condition=(Q(value__isnull=False) & Q(reason="")) | (Q(value__isnull=True) & ~Q(reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion} {self.side} {self.value}"


class Mark(models.Model):
    """A defect tag at a point of one image, or over a box whose upper left corner is that point.

    x, y, width and height in 0..1 of the canonical image, origin top left; a point has neither width nor height.
    """

    rating = models.ForeignKey(Rating, on_delete=models.CASCADE, related_name="marks")
    side = models.CharField(max_length=5, choices=Side)
    tag = models.CharField(max_length=40)
    x = models.DecimalField(max_digits=5, decimal_places=4)
    y = models.DecimalField(max_digits=5, decimal_places=4)
    width = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    height = models.DecimalField(max_digits=5, decimal_places=4, null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="mark_is_inside", condition=Q(x__range=(0, 1)) & Q(y__range=(0, 1))),
            models.CheckConstraint(
                name="mark_box_is_inside",
                condition=Q(width__isnull=True, height__isnull=True)
                | Q(width__gt=0, height__gt=0, width__lte=1 - F("x"), height__lte=1 - F("y")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.tag} {self.side}"


class Draft(models.Model):
    """A form left half filled, to go on with on any device: no evidence, overwritten, gone with the answer."""

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="draft")
    version = models.PositiveIntegerField()  # of the rating it would follow; behind it, the draft is void
    fields = models.JSONField()
    stamp = models.UUIDField()  # by which a page knows the draft that it sent
    kept_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.assignment} after v{self.version}"


class Consent(models.Model):
    """That a reader agreed to the study's text, and to which: its checksum; append-only in the database."""

    reader = models.OneToOneField(Reader, on_delete=models.PROTECT, related_name="consent")
    text_sha256 = models.CharField(max_length=64)
    agreed_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.reader} agreed"


class EarlyOpening(models.Model):
    """That a reader may begin a session before the wash-out is over; the reason stands in the audit trail."""

    reader = models.ForeignKey(Reader, on_delete=models.PROTECT, related_name="early_openings")
    session = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "session"], name="early_opening_once_per_session")]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.reader}, session {self.session}"


class SessionReopening(models.Model):
    """That a reader may change answers of a finished session again; the reason stands in the audit trail."""

    reader = models.ForeignKey(Reader, on_delete=models.PROTECT, related_name="session_reopenings")
    session = models.PositiveSmallIntegerField()
    reopened_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "session"], name="session_reopened_once")]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.reader}, session {self.session}"


class PracticeAttempt(models.Model):
    """How many expected scores of the practice a reader came within one level of, each time she went through it."""

    reader = models.ForeignKey(Reader, on_delete=models.PROTECT, related_name="practice_attempts")
    number = models.PositiveSmallIntegerField()  # from 1; it is the version of the practice ratings it was made of
    met = models.PositiveSmallIntegerField()
    expected = models.PositiveSmallIntegerField()
    ended_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["reader", "number"]
        constraints = [
            models.UniqueConstraint(fields=["reader", "number"], name="practice_attempt_once_per_number"),
            models.CheckConstraint(name="practice_attempt_meets_expected_at_most", condition=Q(met__lte=F("expected"))),
        ]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.reader}, attempt {self.number}: {self.met} of {self.expected}"

    @property
    def is_enough(self) -> bool:
        return self.met >= self.reader.study.practice_agreement * self.expected


class PracticePass(models.Model):
    """That a reader may go on without the agreement asked for; the reason stands in the audit trail."""

    reader = models.OneToOneField(Reader, on_delete=models.PROTECT, related_name="practice_pass")
    passed_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.reader} was let pass"


class DisplayCheck(models.Model):
    """Which grey steps a reader could tell apart before a session, and on what screen; append-only in the database.

    Sizes in CSS pixels; they are missing where the page ran without scripts.
    """

    reader = models.ForeignKey(Reader, on_delete=models.PROTECT, related_name="display_checks")
    session = models.PositiveSmallIntegerField()
    dark_seen = models.BooleanField()  # 5 % on black
    bright_seen = models.BooleanField()  # 95 % on white
    window_width = models.PositiveIntegerField(null=True)
    window_height = models.PositiveIntegerField(null=True)
    screen_width = models.PositiveIntegerField(null=True)
    screen_height = models.PositiveIntegerField(null=True)
    pixel_ratio = models.DecimalField(max_digits=6, decimal_places=3, null=True)  # device pixels to a CSS pixel
    checked_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.reader}, session {self.session}"

    @property
    def screen(self) -> str:
        """Its size as "1920x1080"; empty where it was not told."""
        return f"{self.screen_width}x{self.screen_height}" if self.screen_width and self.screen_height else ""

    @property
    def all_seen(self) -> bool:
        return self.dark_seen and self.bright_seen


class ClosingAnswer(models.Model):
    """What a reader said after the last pair to one of the closing questions; append-only in the database."""

    class Question(models.TextChoices):
        NOTICED = "noticed", gettext_lazy("Did you notice anything about the images?")  # asked alone, before the others
        SHARE = "share", gettext_lazy("What share of the images do you think was synthetic, in percent?")
        CLUES = "clues", gettext_lazy("What told you?")
        BEYOND = (
            "beyond",
            gettext_lazy("Did anything but the pictures tell you: a name, the order, how fast something loaded?"),
        )
        AIDS = (
            "aids",
            gettext_lazy("Did you use anything but your eyes: a saved image, a checking tool, a chatbot, a colleague?"),
        )

    reader = models.ForeignKey(Reader, on_delete=models.PROTECT, related_name="closing_answers")
    question = models.CharField(max_length=7, choices=Question)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reader", "question"], name="closing_answer_once_per_question")]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.reader}: {self.question}"


class Finding(models.Model):
    """What a reader saw on one image of a pair before its finding was told; append-only in the database."""

    assignment = models.ForeignKey(Assignment, on_delete=models.PROTECT, related_name="findings")
    side = models.CharField(max_length=5, choices=Side)
    words = models.CharField(max_length=200)
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["assignment", "side"]
        constraints = [models.UniqueConstraint(fields=["assignment", "side"], name="finding_once_per_side")]
        triggers = APPEND_ONLY

    def __str__(self) -> str:
        return f"{self.assignment}, {self.side}: {self.words}"
