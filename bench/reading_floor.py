"""The least a rating and an image can cost: bare views over the same statements, beside the real ones in one process.

A WSGI application for bench/rating.py and bench/image.py; nothing else imports it.
"""

import json

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Q
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.urls import include, path
from django.utils.timezone import now

from radiorate.wsgi import application  # noqa: F401  (what gunicorn serves)

settings.ROOT_URLCONF = "bench.reading_floor"
settings.DISABLE_SERVER_SIDE_CURSORS = False

from radiorate.images.models import Rendition  # noqa: E402
from radiorate.reading.models import Presentation, Rating, RatingEvent, Score  # noqa: E402
from radiorate.reading.submission import LOCK  # noqa: E402
from radiorate.studies.models import Assignment, Criterion  # noqa: E402

PAGE = "<p>" + 6500 * "." + "</p>"


def rate(request: HttpRequest, pk: str) -> HttpResponse:
    """Store one rating and find the next pair: the statements of the real view, no form, no template, no rule."""
    user = request.user
    shown = Presentation.objects.select_related("assignment__reader__study__rubric", "assignment__pair").get(
        pk=pk, assignment__reader__user_id=user.pk
    )
    here = shown.assignment
    criteria = list(Criterion.objects.filter(rubric=here.reader.study.rubric_id))
    answers = json.loads(request.POST["answers"])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(LOCK, [here.pk])
            cursor.fetchone()
        list(RatingEvent.objects.filter(presentation__assignment=here))
        event = RatingEvent.objects.create(presentation=shown, answers=answers, client_times={}, version=1)
        rating = Rating.objects.create(
            assignment=here, event=event, believed_real="left", confidence=3, seconds=1, submitted_at=now()
        )
        Score.objects.bulk_create(
            Score(rating=rating, criterion=criterion, side=side, value=4)
            for criterion in criteria
            for side in ("left", "right")
        )
    due = Assignment.objects.filter(reader=here.reader, rating__isnull=True).exclude(
        Q(pair__first__state="withdrawn") | Q(pair__second__state="withdrawn")
    )
    following = due.order_by("session", "position").select_related("pair").first()
    Presentation.objects.live().filter(pk=request.POST["ahead"]).update(shown_at=now())
    anew = Presentation.objects.get(pk=request.POST["ahead"])
    Assignment.objects.filter(reader=here.reader).exclude(
        Q(pair__first__state="withdrawn") | Q(pair__second__state="withdrawn")
    ).aggregate(total=Count("pk"), later=Count("pk", filter=Q(position__gt=following.position)))
    ahead = due.filter(position__gt=following.position).order_by("session", "position").select_related("pair").first()
    after = Presentation.objects.create(assignment=ahead)
    return HttpResponse(f'<form action="/floor/{anew.pk}/"> name="ahead" value="{after.pk}"</form>{PAGE}')


def image(request: HttpRequest, token: str) -> HttpResponseBase:
    """The file behind a token by Django's FileResponse, after the same check."""
    shown = (
        Presentation.objects.live()
        .filter(Q(left_token=token) | Q(right_token=token), assignment__reader__user_id=request.user.pk)
        .select_related("assignment__pair")
        .first()
    )
    pair = shown.assignment.pair
    rendition = Rendition.objects.filter(image_id=pair.first_id, recipe=pair.recipe).first()
    return FileResponse(rendition.file.open(), content_type="image/png")


urlpatterns = [
    path("floor/<uuid:pk>/", rate),
    path("floor/<str:token>.png", image),
    path("", include("radiorate.urls")),
]
