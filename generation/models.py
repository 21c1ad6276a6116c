"""How synthetic images come to be: generators, batches, jobs, and every paid call that was ever begun."""

import uuid
from datetime import UTC
from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery, Sum, Value
from django.db.models.functions import Coalesce, JSONObject, Now, TruncMonth
from django.utils import timezone
from django.utils.functional import cached_property

from generation.provider import Mode as ProviderMode
from radiorate.images.models import Collection, Image, Laterality, Sex, ViewPosition


class Generator(models.Model):
    """A provider, a model and its options under one name; ratings are compared by it."""

    name = models.SlugField(max_length=64, unique=True)  # as in exports: "phantom-1"
    provider = models.CharField(max_length=40)  # a module of generation/providers/
    model = models.CharField(max_length=120, blank=True)  # free text: models die within weeks
    options = models.JSONField(default=dict, blank=True)
    # The environment's <NAME>_BASE_URL and <NAME>_API_KEY are used; empty: those of the provider's name. So no key is
    # ever sent to an address that was typed on a page.
    connection = models.CharField(max_length=40, blank=True)
    slots = models.PositiveSmallIntegerField(null=True, blank=True)  # most calls at once, over all workers
    per_minute = models.PositiveIntegerField(null=True, blank=True)  # most calls begun in a minute, likewise
    held_until = models.DateTimeField(null=True, editable=False)  # its provider asked to be left alone until then
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def rates(self) -> dict[str, Decimal]:
        """The prices in force today, in US dollars, by the names of the provider's `Capabilities.rates`."""
        since = [price for price in self.prices.all() if price.since <= timezone.localdate()]
        return {price.rate: price.usd for price in sorted(since, key=lambda price: (price.since, price.pk))}


class Price(models.Model):
    """What a generator charges for one thing from a day on; never changed, a newer one takes its place."""

    generator = models.ForeignKey(Generator, on_delete=models.PROTECT, related_name="prices")
    rate = models.CharField(max_length=40)  # a name of the provider's Capabilities.rates: "image", "megapixel"
    usd = models.DecimalField(max_digits=12, decimal_places=6, validators=[MinValueValidator(0)])
    since = models.DateField(default=timezone.localdate)
    source = models.CharField(max_length=300, blank=True)  # where it was read: the provider's price page, an offer
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["generator", "rate", "-since", "-pk"]

    def __str__(self) -> str:
        return f"{self.generator}: {self.usd.normalize():f} USD for each {self.rate} from {self.since}"


class SpendingLimit(models.Model):
    """The most all batches together may spend in a calendar month; one row, and its lock guards the sum."""

    monthly_usd = models.DecimalField(
        max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )  # empty: only the batches' own budgets count

    def __str__(self) -> str:
        return "no monthly limit" if self.monthly_usd is None else f"{self.monthly_usd} USD a month"


class Home(models.Model):
    """The database in which an admin last said that orders may go out; one row. See `restoring`."""

    identity = models.CharField(max_length=120)
    said_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.identity


class BatchQuerySet(models.QuerySet["Batch"]):
    def with_progress(self) -> "BatchQuerySet":
        """Batches with the number of their jobs by state as `counts`, and their money: `charged_usd` for sure,
        `open_usd` reserved and not known to be free."""
        # Subqueries throughout: beside a join with the jobs, the sums would be asked for once a job.
        jobs = Job.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
        states = JSONObject(**{state.value: Count("pk", filter=Q(state=state)) for state in Job.State})
        attempts = Attempt.objects.filter(job__batch=OuterRef("pk")).order_by().values("job__batch")
        not_known = Q(actual_usd__isnull=True)
        money = {
            "charged_usd": attempts.values(sum=Sum("actual_usd")),
            "open_usd": attempts.values(sum=Sum("reserved_usd", filter=not_known)),
        }
        nothing = Value(Decimal(0), output_field=models.DecimalField())
        sums = {name: Coalesce(Subquery(query), nothing) for name, query in money.items()}
        return self.annotate(counts=Subquery(jobs.values(counts=states)), **sums)


class Batch(models.Model):
    """Jobs that are launched together into one collection, under one budget."""

    generator = models.ForeignKey(Generator, on_delete=models.PROTECT, related_name="batches")
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="batches")
    protocol = models.CharField(max_length=60, blank=True)  # a file of generation/protocols/; empty: free prompt
    protocol_facts = models.JSONField(default=dict, editable=False)  # what the protocol said when it was launched
    # The number of the form it was launched by, at the first batch of a launch: a form sent twice launches once.
    launch_id = models.UUIDField(null=True, unique=True, editable=False)
    budget_usd = models.DecimalField(
        max_digits=10, decimal_places=4, default=Decimal(0), validators=[MinValueValidator(0)]
    )  # never exceeded by reserved and spent money together
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    stopped_at = models.DateTimeField(null=True, editable=False)  # cancelled, or stopped by a bad key or no credit
    stop_reason = models.CharField(max_length=300, blank=True, editable=False)
    paused_at = models.DateTimeField(null=True, editable=False)  # its waiting jobs are on hold
    is_imported = models.BooleanField(default=False, editable=False)  # made elsewhere and brought in: nothing was sent

    objects = BatchQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(
                name="batch_stopped_has_reason", condition=Q(stopped_at__isnull=True) | ~Q(stop_reason="")
            )
        ]

    def __str__(self) -> str:
        return f"batch {self.pk}"


class Job(models.Model):
    """One order of ONE image to one generator: a prompt, a mode and a seed."""

    class State(models.TextChoices):
        QUEUED = "queued"  # waiting for a worker
        RUNNING = "running"  # held by the worker that knows `claim`, until `lease_until`
        SUCCEEDED = "succeeded"  # the image is stored
        REFUSED = "refused"  # the provider's content policy said no; not retried
        FAILED = "failed"  # no image, and surely nothing more to come
        CANCELLED = "cancelled"  # taken back before money was spent
        UNKNOWN = "unknown"  # paid for, perhaps; only a person settles it

    class Mode(models.TextChoices):
        TEXT_TO_IMAGE = ProviderMode.TEXT_TO_IMAGE.value, "text to image"
        INPAINTING = ProviderMode.INPAINTING.value, "inpainting"
        OUTPAINTING = ProviderMode.OUTPAINTING.value, "outpainting"
        VARIATION = ProviderMode.VARIATION.value, "variation"

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="jobs")
    number = models.PositiveIntegerField()  # 1.. in its batch
    mode = models.CharField(max_length=13, choices=Mode)
    prompt = models.TextField()
    prompt_source = models.CharField(max_length=10, blank=True)  # "stated" in a publication, "assumed" by us, or free
    modality = models.CharField(max_length=16, blank=True)  # as on the image: "CT", "MR"; empty: not told
    body_part = models.CharField(max_length=40, blank=True)
    view_position = models.CharField(max_length=2, choices=ViewPosition, blank=True)
    laterality = models.CharField(max_length=1, choices=Laterality, blank=True)
    patient_sex = models.CharField(max_length=1, choices=Sex, blank=True)
    pathology = models.CharField(max_length=120, blank=True)
    seed = models.BigIntegerField(null=True)
    width = models.PositiveIntegerField(default=1024)
    height = models.PositiveIntegerField(default=1024)
    options = models.JSONField(default=dict, blank=True)
    source = models.ForeignKey(Image, on_delete=models.PROTECT, null=True, related_name="+")
    mask = models.FileField(max_length=200, blank=True, editable=False)
    mask_shape = models.JSONField(null=True, editable=False)  # the polygons, rectangles and strokes it was made from
    pad = models.JSONField(null=True, blank=True)  # left, right, top, bottom in pixels: an outpainting order's growth
    after = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="next_steps", editable=False)
    on_hold = models.BooleanField(default=False, editable=False)  # batch paused, or `after` has not ended: not taken
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED, editable=False)
    state_reason = models.CharField(max_length=300, blank=True, editable=False)
    claim = models.UUIDField(null=True, editable=False)
    lease_until = models.DateTimeField(null=True, editable=False)
    not_before = models.DateTimeField(null=True, editable=False)  # throttled: no worker takes it earlier
    sent_at = models.DateTimeField(null=True, editable=False)  # when a message was last published
    tries = models.PositiveSmallIntegerField(default=0, editable=False)  # claims since a person last ordered it
    provider_job = models.JSONField(null=True, editable=False)  # the handle of an order taken by the provider
    finished_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["batch", "number"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="job_number_once_per_batch"),
            models.CheckConstraint(
                name="job_running_has_claim", condition=~Q(state="running") | Q(claim__isnull=False)
            ),
            models.CheckConstraint(
                name="job_running_has_lease", condition=~Q(state="running") | Q(lease_until__isnull=False)
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "lease_until"], name="job_unfinished", condition=Q(state__in=["queued", "running"])
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch}, job {self.number}"


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def most_usd(self) -> Decimal:
        """The most these attempts can have cost: what was charged, and the reserved sum where that isn't known."""
        return self.aggregate(most=Sum(Coalesce("actual_usd", "reserved_usd")))["most"] or Decimal(0)

    def this_month(self) -> "AttemptQuerySet":
        """Those begun here in the calendar month it is by the database's clock, in UTC; imported ones were not."""
        imported = Job.objects.filter(batch__is_imported=True)
        return self.filter(begun_at__gte=TruncMonth(Now(), tzinfo=UTC)).exclude(job__in=imported)


class Attempt(models.Model):
    """One paid call that was begun: written before the socket opens, so no money is spent unseen."""

    class Outcome(models.TextChoices):
        BEGUN = "begun"  # sent or about to be; counts as spent until settled
        DELIVERED = "delivered"
        REFUSED = "refused"
        REJECTED = "rejected"
        THROTTLED = "throttled"
        UNAVAILABLE = "unavailable"
        LOST = "lost"  # outcome unknown; its reserved cost counts as spent

    job = models.ForeignKey(Job, on_delete=models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()  # 1.. in its job
    idempotency_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    claim = models.UUIDField(editable=False)  # of the worker that began it
    reserved_usd = models.DecimalField(max_digits=12, decimal_places=6, default=Decimal(0))
    actual_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True)  # null: nobody knows, or not yet
    by_price_list = models.BooleanField(default=False)  # charged, and nobody told how much: `actual_usd` is as reserved
    provider_request_id = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=11, choices=Outcome, default=Outcome.BEGUN)
    code = models.CharField(max_length=80, blank=True)  # the provider's, of a refusal or an error
    message = models.TextField(blank=True)
    refusal_stage = models.CharField(max_length=10, blank=True)  # input or output
    begun_at = models.DateTimeField(default=timezone.now)  # a month's and a minute's limits count by it
    ended_at = models.DateTimeField(null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        ordering = ["job", "number"]
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="attempt_number_once_per_job"),
            models.UniqueConstraint(fields=["job"], name="attempt_open_once_per_job", condition=Q(outcome="begun")),
            models.CheckConstraint(
                name="attempt_ended_has_outcome", condition=Q(ended_at__isnull=True) | ~Q(outcome="begun")
            ),
        ]
        # What a month has cost is summed before each paid call, out of the index alone.
        indexes = [
            models.Index(fields=["begun_at"], name="attempt_of_month", include=["reserved_usd", "actual_usd", "job"])
        ]

    def __str__(self) -> str:
        return f"{self.job}, attempt {self.number}"


class Output(models.Model):
    """The image an attempt delivered, and what the provider said about it."""

    attempt = models.ForeignKey(Attempt, on_delete=models.PROTECT, related_name="outputs")
    index = models.PositiveSmallIntegerField(default=0)
    image = models.OneToOneField(Image, on_delete=models.PROTECT, related_name="output")
    model_reported = models.CharField(max_length=200, blank=True)
    seed_reported = models.BigIntegerField(null=True)
    provenance = models.JSONField(default=dict)
    truth = models.JSONField(default=dict)  # what a phantom knows about its own defects
    # Where the image was put together here, the picture as it was delivered; it is never shown to readers.
    delivered = models.FileField(max_length=200, blank=True, editable=False)
    changed_outside = models.FloatField(null=True, editable=False)  # share of the pixels to keep that came back changed
    distance = models.FileField(max_length=200, blank=True, editable=False)  # 16-bit PNG: pixels from the source image

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "index"], name="output_index_once_per_attempt")]

    def __str__(self) -> str:
        return f"{self.attempt}, output {self.index}"


class NearCopy(models.Model):
    """An output that looks like a real image that is known here: a person compares the two."""

    output = models.ForeignKey(Output, on_delete=models.PROTECT, related_name="near_copies")
    real = models.ForeignKey(Image, on_delete=models.PROTECT, related_name="+")
    hash_distance = models.PositiveSmallIntegerField()  # bits of 64 in which the perceptual hashes differ
    correlation = models.FloatField()  # of the two pictures at small size, best of a few shifts; 1 = the same
    kept_at = models.DateTimeField(null=True, editable=False)  # a person has compared the two: it is no copy
    kept_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        ordering = ["-correlation"]
        constraints = [models.UniqueConstraint(fields=["output", "real"], name="near_copy_once")]

    def __str__(self) -> str:
        return f"{self.output} looks like {self.real_id}"


class Heartbeat(models.Model):
    """When a watched routine last finished; readiness fails when the reaper's is old."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
