"""Every change of a study's state: draft, open, closed; and the unsealing of its results before closing."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import DateTimeField, Func
from django.db.models.functions import Now

from radiorate.accounts import audit
from radiorate.accounts.models import User
from radiorate.images import blinding, rendition
from radiorate.images.decoding import Undecodable
from radiorate.images.models import Rendition
from radiorate.studies import definition, enrolment, pairing, protocol
from radiorate.studies.models import Pair, PairWithdrawal, Rubric, Study


class Refused(ValueError):
    """Why a study can't change its state; `reasons` has one sentence each."""

    def __init__(self, *reasons: str) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class ClockTimestamp(Func):
    """The database's clock now, not at the transaction's start."""

    template = "CLOCK_TIMESTAMP()"
    output_field = DateTimeField()


def open_study(study: Study, actor: User | None, *, accept_unmatched: str = "") -> None:
    """Open a draft: draw its pairs, render them, plan every reader's showings, and freeze the design.

    accept_unmatched: why images that found no partner, and other shortfalls of the draw, may stay so.
    Raises Refused with everything that stands in the way; then nothing is changed.
    """
    study = Study.objects.select_related("rubric").get(pk=study.pk)
    if study.state != Study.State.DRAFT:
        raise Refused(f"{study.title} is {study.state}: only a draft can be opened.")
    proposal = pairing.propose(study)
    if reasons := obstacles(proposal, accept_unmatched):
        raise Refused(*reasons)
    # Renditions take seconds: they are made before anything is locked, and a refusal leaves them for the next try.
    pairs = [_pair(study, proposed) for proposed in proposal.pairs]
    renditions = _render(pairs)
    if problems := blinding.check(renditions):
        raise Refused(*problems)
    with transaction.atomic():
        # Two openings at once: the second waits here, and finds no draft any more.
        locked = Study.objects.select_for_update(of=["self"]).filter(pk=study.pk, state=Study.State.DRAFT)
        now = locked.select_related("rubric").first()
        if now is None:
            raise Refused(f"{study.title} has just been opened by somebody else.")
        if definition.design(now) != definition.design(study) or pairing.propose(now) != proposal:
            raise Refused("The design or its images changed while the study was being opened: try again.")
        # Before the protocol copies the criteria, or one could still be added behind it.
        Rubric.objects.filter(pk=now.rubric_id, frozen_at__isnull=True).update(frozen_at=Now())
        _open(now, pairs, protocol.write(now, proposal, renditions, accept_unmatched))
        audit.record(
            actor,
            "study.opened",
            f"study {now.slug}",
            reason=accept_unmatched,
            detail={"protocol": now.protocol_hash, "pairs": len(pairs)},
        )


def obstacles(proposal: pairing.Proposal, accept_unmatched: str = "") -> list[str]:
    """What keeps a draft from being opened with this draw, one sentence each."""
    if not proposal.of(Pair.Kind.MAIN):
        return ["No real image and synthetic image match in region and view: there is nothing to read."]
    if accept_unmatched.strip() or proposal.is_complete:
        return []
    count = len(proposal.unmatched)
    if not count:
        return proposal.shortfalls
    images = "1 image finds" if count == 1 else f"{count} images find"
    return [*proposal.shortfalls, f"{images} no partner: say why they may be left out, or take them out."]


def close_study(study: Study, actor: User | None) -> None:
    """End the rating of an open study for good. Raises Refused."""
    with transaction.atomic():
        # A rating holds this row in share mode: those that came first are in when the lock is ours, and are earlier.
        Study.objects.select_for_update().get(pk=study.pk)
        closed = Study.objects.filter(pk=study.pk, state=Study.State.OPEN).update(
            state=Study.State.CLOSED, closed_at=ClockTimestamp()
        )
        if not closed:
            raise Refused(f"{study.title} is not open.")
        audit.record(actor, "study.closed", f"study {study.slug}")


def withdraw_pair(study: Study, code: str, actor: User, reason: str) -> None:
    """Show a pair of an open study to nobody any more; what was rated of it stays, in no figure. Raises Refused."""
    if not reason.strip():
        raise Refused("Say why the pair is withdrawn.")
    with transaction.atomic():
        if not Study.objects.select_for_update().filter(pk=study.pk, state=Study.State.OPEN).exists():
            raise Refused(f"{study.title} is not open.")
        pair = study.pairs.filter(code=code, withdrawal__isnull=True).first()
        if pair is None:
            raise Refused(f"{study.title} shows no pair {code}.")
        PairWithdrawal.objects.create(pair=pair, reason=reason)
        audit.record(actor, "study.pair_withdrawn", f"study {study.slug}", reason=reason, detail={"pair": code})


def unseal(study: Study, actor: User, reason: str) -> None:
    """Let admins see results by origin before closing; the reason goes into the audit trail. Raises Refused."""
    if not reason.strip():
        raise Refused("Say why the results are looked at before the study is closed.")
    with transaction.atomic():
        unsealed = Study.objects.filter(pk=study.pk, state=Study.State.OPEN, unsealed_at__isnull=True).update(
            unsealed_at=Now()
        )
        if not unsealed:
            raise Refused(f"{study.title} is not both open and sealed.")
        audit.record(actor, "results.unsealed", f"study {study.slug}", reason=reason)


def _pair(study: Study, proposed: pairing.ProposedPair) -> Pair:
    return Pair(
        study=study,
        code=proposed.code,
        kind=proposed.kind,
        first=proposed.first,
        second=proposed.second,
        body_part=proposed.body_part,
        view_position=proposed.view_position,
        block=proposed.block,
        recipe=rendition.recipe(study.frame, study.canvas, [proposed.first, proposed.second]),
    )


def _render(pairs: Iterable[Pair]) -> list[Rendition]:
    """The renditions of all pairs, first and second in turn. Raises Refused naming every image that failed."""
    renditions, failures = [], []
    for pair in pairs:
        for image in (pair.first, pair.second):
            try:
                renditions.append(rendition.make(image, pair.recipe))
            except (OSError, Undecodable) as failure:
                failures.append(f"The image {image.pk} ({image}) can't be rendered: {failure}")
    if failures:
        raise Refused(*failures)
    return renditions


def _open(study: Study, pairs: list[Pair], content: dict[str, object]) -> None:
    """Write the pairs and plans and flip the state; the pairs first, because an open study takes none."""
    Pair.objects.bulk_create(pairs)
    for reader in study.readers.active():
        enrolment.plan(reader)
    study.protocol, study.protocol_hash = content, protocol.digest(content)
    opened = Study.objects.filter(pk=study.pk, state=Study.State.DRAFT).update(
        state=Study.State.OPEN, opened_at=Now(), protocol=content, protocol_hash=study.protocol_hash
    )
    assert opened, "the row is locked"  # noqa: S101
