"""The design of a study: what is asked, which images meet, and who sees which pair when and on which side."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Count, F, Q
from django.utils import timezone

from radiorate.images.models import Collection, Image

# Guards of the database itself, so that neither a slip in the code nor a person at its prompt changes an open study.
# They lock the study in share mode: a row could otherwise slip in while the study is being opened.
DRAFT_ONLY = pgtrigger.Trigger(
    name="draft_only",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    func="""
        PERFORM 1 FROM studies_study WHERE id IN (NEW.study_id, OLD.study_id) FOR SHARE;
        IF EXISTS (SELECT 1 FROM studies_study WHERE id IN (NEW.study_id, OLD.study_id) AND state <> 'draft') THEN
            RAISE EXCEPTION '%: the study is no draft any more', TG_TABLE_NAME;
        END IF;
        RETURN COALESCE(NEW, OLD);
    """,
)

FROZEN_WITH_ITS_RUBRIC = pgtrigger.Trigger(
    name="frozen_with_its_rubric",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
    func="""
        PERFORM 1 FROM studies_rubric WHERE id IN (NEW.rubric_id, OLD.rubric_id) FOR SHARE;
        IF EXISTS (
            SELECT 1 FROM studies_rubric
            WHERE id IN (NEW.rubric_id, OLD.rubric_id) AND frozen_at IS NOT NULL
        ) THEN
            RAISE EXCEPTION '%: the rubric is frozen', TG_TABLE_NAME;
        END IF;
        RETURN COALESCE(NEW, OLD);
    """,
)


class Side(models.TextChoices):
    LEFT = "left"
    RIGHT = "right"


class Rubric(models.Model):
    """A named, versioned set of criteria; frozen when the first study that uses it opens."""

    name = models.CharField(max_length=80)
    version = models.CharField(max_length=20)
    description = models.TextField(blank=True)
    frozen_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["name", "version"]
        constraints = [models.UniqueConstraint(fields=["name", "version"], name="rubric_once_per_version")]
        triggers = [
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__frozen_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


class Criterion(models.Model):
    """One thing that is scored, on each image or once a pair; a higher score is better."""

    class Kind(models.TextChoices):
        SCALE = "scale"  # an ordinal score, minimum..maximum

    class Target(models.TextChoices):
        EACH = "each"  # asked of both images
        PAIR = "pair"  # asked once

    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="criteria")
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=60)
    hint = models.CharField(max_length=80, blank=True)  # what to look at, in a few words
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SCALE)
    target = models.CharField(max_length=4, choices=Target, default=Target.EACH)
    minimum = models.SmallIntegerField(default=1)
    maximum = models.SmallIntegerField(default=5)
    anchors = models.JSONField(default=dict, blank=True)  # {"1": "...", "5": "..."}
    body_parts = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # empty: every region
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["rubric", "position", "pk"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["rubric", "key"], name="criterion_once_per_rubric"),
            models.CheckConstraint(name="criterion_range_is_rising", condition=Q(minimum__lt=F("maximum"))),
        ]
        triggers = [FROZEN_WITH_ITS_RUBRIC]

    def __str__(self) -> str:
        return self.label

    def applies_to(self, body_part: str) -> bool:
        """Whether the criterion is asked of this region; an empty list means every region."""
        return not self.body_parts or body_part in self.body_parts


class Tag(models.Model):
    """A kind of defect that a reader can pin to a point or a box of one image."""

    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="tags")
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=60)
    criterion = models.SlugField(max_length=40)  # the key of the criterion it speaks against
    body_parts = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # empty: every region
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["rubric", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["rubric", "key"], name="tag_once_per_rubric")]
        triggers = [FROZEN_WITH_ITS_RUBRIC]

    def __str__(self) -> str:
        return self.label

    def applies_to(self, body_part: str) -> bool:
        """Whether the defect can be pinned in this region; an empty list means every region."""
        return not self.body_parts or body_part in self.body_parts


def counted(assignment: str) -> Q:
    """Showings whose ratings count: practice doesn't."""
    return ~Q(**{f"{assignment}__pair__kind": Pair.Kind.PRACTICE})


def to_be_rated(assignment: str) -> Q:
    """Counted showings that are rated or can still be: a pair that lost an image after opening comes no more."""
    pair, withdrawn = f"{assignment}__pair", Image.State.WITHDRAWN
    lost = Q(**{f"{pair}__first__state": withdrawn}) | Q(**{f"{pair}__second__state": withdrawn})
    return counted(assignment) & (~lost | Q(**{f"{assignment}__rating__isnull": False}))


class StudyQuerySet(models.QuerySet["Study"]):
    def with_progress(self) -> "StudyQuerySet":
        """Studies with the numbers of active readers and of their showings, as `active`, `planned` and `rated`."""
        active = Q(readers__removed_at__isnull=True)
        return self.annotate(
            active=Count("readers", filter=active, distinct=True),
            planned=Count("readers__assignments", filter=active & to_be_rated("readers__assignments")),
            rated=Count("readers__assignments__rating", filter=active & counted("readers__assignments")),
        )


class Study(models.Model):
    """A reader study: a design and a seed. The same file gives the same pairs, sides and order."""

    class State(models.TextChoices):
        DRAFT = "draft"  # may be changed
        OPEN = "open"  # readers rate; nothing their answers depend on can change
        CLOSED = "closed"  # no more ratings

    class Frame(models.TextChoices):
        """How the two images of a pair get one shape, by the same rule for both (see images.rendition)."""

        PAIR_CROP = "pair-crop", "crop both to the mean shape of the pair"
        SQUARE_CROP = "square-crop", "crop both to a square"
        SQUARE_PAD = "square-pad", "pad both to a square (only where all images have one shape)"

    slug = models.SlugField(max_length=64, unique=True)
    title = models.CharField(max_length=160)
    instructions = models.TextField(blank=True)  # shown to readers before the first pair
    consent = models.TextField(blank=True)  # with the ethics approval; no pair before a reader has agreed to it
    state = models.CharField(max_length=6, choices=State, default=State.DRAFT, editable=False)
    rubric = models.ForeignKey(Rubric, on_delete=models.PROTECT, related_name="studies")
    real_collections = models.ManyToManyField(Collection, related_name="+")
    synthetic_collections = models.ManyToManyField(Collection, related_name="+")
    seed = models.BigIntegerField(default=1)
    practice_collections = models.ManyToManyField(Collection, related_name="+", blank=True)  # of either origin
    practice_pairs = models.PositiveSmallIntegerField(default=0)  # shown first, with the truth told after each
    sessions = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    washout_days = models.PositiveSmallIntegerField(default=0)  # between a reader's sessions
    pairs_wanted = models.PositiveIntegerField(null=True, blank=True)  # null: as many as match
    control_share = models.DecimalField(
        max_digits=3, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )  # control pairs for every main pair
    repeat_share = models.DecimalField(
        max_digits=3, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )  # hidden repeats for every main pair
    forced_choice = models.BooleanField(default=True)  # False: "both" and "neither" are answers too
    confidence_levels = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(2), MaxValueValidator(5)]
    )
    break_every = models.PositiveSmallIntegerField(default=40, validators=[MinValueValidator(1)])  # pairs
    closing_questions = models.BooleanField(default=False)  # what readers suspected, asked after the last pair
    frame = models.CharField(max_length=12, choices=Frame, default=Frame.PAIR_CROP)
    canvas = models.PositiveIntegerField(
        default=1024, validators=[MinValueValidator(256), MaxValueValidator(4096)]
    )  # pixels a side of the square rendition
    simulated = models.BooleanField(default=False, editable=False)  # its ratings were made by a program
    protocol = models.JSONField(null=True, editable=False)  # the whole design as it stood at opening
    protocol_hash = models.CharField(max_length=64, blank=True, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    opened_at = models.DateTimeField(null=True, editable=False)
    closed_at = models.DateTimeField(null=True, editable=False)
    unsealed_at = models.DateTimeField(null=True, editable=False)  # results by origin looked at before closing

    objects = StudyQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name_plural = "studies"
        constraints = [
            models.CheckConstraint(
                name="study_opened_has_protocol",
                condition=Q(state="draft") | (Q(opened_at__isnull=False) & ~Q(protocol_hash="")),
            ),
            models.CheckConstraint(
                name="study_closed_has_time", condition=~Q(state="closed") | Q(closed_at__isnull=False)
            ),
            models.CheckConstraint(name="study_has_a_session", condition=Q(sessions__gte=1)),
        ]
        triggers = [
            pgtrigger.FSM(
                name="state_goes_forward", field="state", transitions=[("draft", "open"), ("open", "closed")]
            ),
            pgtrigger.Protect(
                name="kept_once_opened", operation=pgtrigger.Delete, condition=~pgtrigger.Q(old__state="draft")
            ),
            pgtrigger.Trigger(
                name="design_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=~pgtrigger.Q(old__state="draft"),
                # All columns but three, so a column that is added later is frozen too.
                func="""
                    IF to_jsonb(NEW) - '{state,closed_at,unsealed_at}'::text[]
                       IS DISTINCT FROM to_jsonb(OLD) - '{state,closed_at,unsealed_at}'::text[] THEN
                        RAISE EXCEPTION 'the design of % cannot change: the study is %', OLD.slug, OLD.state;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_sealed(self) -> bool:
        """Whether figures by origin are still kept from admins."""
        return self.state != self.State.CLOSED and self.unsealed_at is None


class RealCollection(Study.real_collections.through):  # type: ignore[name-defined,misc]
    """That a study draws its real images from a collection."""

    class Meta:
        proxy = True
        triggers = [DRAFT_ONLY]


class SyntheticCollection(Study.synthetic_collections.through):  # type: ignore[name-defined,misc]
    """That a study draws its synthetic images from a collection."""

    class Meta:
        proxy = True
        triggers = [DRAFT_ONLY]


class PracticeCollection(Study.practice_collections.through):  # type: ignore[name-defined,misc]
    """That a study draws practice pairs from a collection."""

    class Meta:
        proxy = True
        triggers = [DRAFT_ONLY]


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

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="readers")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments")
    code = models.CharField(max_length=64, validators=[RegexValidator(r"^[A-Za-z0-9_-]{1,64}$")])  # "R1"
    number = models.PositiveSmallIntegerField()  # order of enrolment; sides and order follow from it and the seed
    years = models.PositiveSmallIntegerField(null=True, blank=True)  # of experience
    subspecialty = models.CharField(max_length=80, blank=True)
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

    class Kind(models.TextChoices):
        MAIN = "main"
        CONTROL = "control"  # two of one origin
        PRACTICE = "practice"

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="pairs")
    code = models.CharField(max_length=64)  # "P001", in exports
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.MAIN)
    first = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")
    body_part = models.CharField(max_length=40, blank=True)
    view_position = models.CharField(max_length=2, blank=True)
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
