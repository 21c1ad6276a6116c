"""A study's design, which the database itself freezes when the study opens."""

import pgtrigger
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, Q
from django.utils import timezone

from radiorate.images.models import Collection
from radiorate.studies.models.progress import counted, to_be_rated
from radiorate.studies.models.rubric import Rubric

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

    class Belief(models.TextChoices):
        """How readers say which image they believe real."""

        CHOICE = "choice", "a choice, then how sure"
        SIGNED = "signed", "one row from “A surely” to “B surely”"

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
    practice_agreement = models.DecimalField(
        max_digits=3, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )  # share of the expected scores a reader must come within one level of; 0: none is asked for
    practice_attempts = models.PositiveSmallIntegerField(default=2, validators=[MinValueValidator(1)])
    expected_scores = models.JSONField(default=dict, blank=True)  # {a practice image's checksum: {criterion: score}}
    sessions = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    washout_days = models.PositiveSmallIntegerField(default=0)  # between a reader's sessions
    sessions_close = models.BooleanField(default=False)  # a finished session takes no more changes
    pairs_wanted = models.PositiveIntegerField(null=True, blank=True)  # null: as many as match
    control_share = models.DecimalField(
        max_digits=3, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )  # control pairs for every main pair
    repeat_share = models.DecimalField(
        max_digits=3, decimal_places=2, default=0, validators=[MinValueValidator(0), MaxValueValidator(1)]
    )  # hidden repeats for every main pair
    finding_asked = models.BooleanField(default=False)  # what each image shows, before its pair's finding is told
    findings = models.TextField(blank=True)  # to choose from, one a line; empty: in the reader's words
    belief = models.CharField(max_length=6, choices=Belief, default=Belief.CHOICE)
    blocks = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])  # 1: all read all pairs
    blocks_per_reader = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1)])
    anchor_pairs = models.PositiveIntegerField(default=0)  # read by all, where the rest is dealt into blocks
    forced_choice = models.BooleanField(default=True)  # False: "both" and "neither" are answers too
    confidence_levels = models.PositiveSmallIntegerField(
        default=5, validators=[MinValueValidator(2), MaxValueValidator(5)]
    )
    break_every = models.PositiveSmallIntegerField(default=40, validators=[MinValueValidator(1)])  # pairs
    exposure_seconds = models.DecimalField(
        max_digits=5, decimal_places=2, default=0, validators=[MinValueValidator(0)]
    )  # how long a pair can be looked at; 0: as long as one likes
    blank_ms = models.PositiveSmallIntegerField(default=0, validators=[MaxValueValidator(10_000)])  # grey before a pair
    reader_profile = models.BooleanField(default=False)  # what readers say of themselves, asked before the first pair
    display_check = models.BooleanField(default=False)  # whether grey steps can be told apart, before each session
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
            models.CheckConstraint(
                name="study_signed_belief_is_forced", condition=~Q(belief="signed") | Q(forced_choice=True)
            ),
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
    def findings_offered(self) -> list[str]:
        """The findings to choose from; none where readers use their own words."""
        return [line.strip() for line in self.findings.splitlines() if line.strip()]

    @property
    def levels_of_confidence(self) -> int:
        """How many levels readers really choose from: the one row for belief has three for each image."""
        return 3 if self.belief == self.Belief.SIGNED else self.confidence_levels

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
