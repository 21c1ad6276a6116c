"""What is asked: rubrics, their criteria, and the defects a reader can pin."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext

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

    @property
    def kinds(self) -> set[str]:
        """The kinds of its criteria."""
        return {criterion.kind for criterion in self.criteria.all()}


class Criterion(models.Model):
    """One thing that is asked, of each image or once a pair; on a scale a higher score is better."""

    class Kind(models.TextChoices):
        SCALE = "scale"  # an ordinal score, minimum..maximum
        COUNT = "count"  # how many are seen, where `expected` says how many there should be
        PREFERENCE = "preference"  # which image is better: 1 the left one, 2 neither, 3 the right one

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
    expected = models.JSONField(default=dict, blank=True)  # of a count: {"hand": 5}
    body_parts = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # empty: every region
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["rubric", "position", "pk"]
        verbose_name_plural = "criteria"
        constraints = [
            models.UniqueConstraint(fields=["rubric", "key"], name="criterion_once_per_rubric"),
            models.CheckConstraint(name="criterion_range_is_rising", condition=Q(minimum__lt=F("maximum"))),
            models.CheckConstraint(
                name="criterion_count_has_expected",
                condition=(Q(kind="count", target="each") & ~Q(expected={})) | (~Q(kind="count") & Q(expected={})),
            ),
            models.CheckConstraint(
                name="criterion_preference_has_three_answers",
                condition=~Q(kind="preference") | Q(target="pair", minimum=1, maximum=3),
            ),
        ]
        triggers = [FROZEN_WITH_ITS_RUBRIC]

    def __str__(self) -> str:
        return self.label

    @property
    def levels(self) -> list[tuple[str, str]]:
        """Each level that has words, and these; the best first."""
        return sorted(self.anchors.items(), key=lambda level: -int(level[0]))

    @property
    def numbers(self) -> str:
        """The expected numbers in words: "5 in hand, 5 in foot"."""
        words = gettext("{number} in {region}")
        counts = self.expected.items()
        return ", ".join(words.format(number=number, region=gettext(body_part)) for body_part, number in counts)

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
