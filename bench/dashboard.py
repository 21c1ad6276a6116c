"""How long the dashboard of 64,000 scores takes, beside PostgreSQL's own grouping of the same rows.

    .venv/bin/python bench/dashboard.py

Prints seconds (median of 5) of the analysis, of its parts and of the page out of the cache, and their ratios to the
floor: one GROUP BY of all scores.
"""

import os
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

FLOOR_SQL = """
    SELECT assignment.reader_id, score.criterion_id, score.side = assignment.first_side,
           count(*), avg(score.value), stddev_samp(score.value)
    FROM reading_score score
    JOIN reading_rating rating ON rating.id = score.rating_id
    JOIN studies_assignment assignment ON assignment.id = rating.assignment_id
    GROUP BY 1, 2, 3
"""

# Everything by generate_series: no row passes through Python. The names are made up as the numbers are.
FILL_SQL = """
    INSERT INTO accounts_user (password, is_superuser, email, name, is_staff, is_active, date_joined)
        SELECT '!', false, 'bench' || r || '@example.org', '', false, true, now() FROM generate_series(1, {readers}) r;
    INSERT INTO studies_reader (study_id, user_id, code, number, subspecialty, ai_exposure)
        SELECT {study}, id, 'R' || row_number() OVER (ORDER BY id), row_number() OVER (ORDER BY id), '', ''
        FROM accounts_user WHERE email LIKE 'bench%@example.org';
    INSERT INTO images_image (id, collection_id, modality, body_part, view_position, view_modifier, laterality,
            patient_sex, pathology, source, licence, attribution, original, mime, sha256, pixel_sha256, width, height,
            bits, provenance, state, state_reason, withdrawn_for, added_at)
        SELECT gen_random_uuid(), c, 'DX', (ARRAY['hand', 'knee', 'chest', 'pelvis'])[1 + p % 4], 'AP', '', '', '', '',
            '', '', '', '', 'image/png', md5(c || '-' || p), md5(c || '-' || p), 1024, 1024, 8, '{{}}', 'available', '',
            '', now()
        FROM generate_series(1, {pairs}) p CROSS JOIN (VALUES ({real}), ({synthetic})) AS collections (c);
    INSERT INTO studies_pair (study_id, code, kind, first_id, second_id, body_part, view_position, recipe)
        SELECT {study}, 'P' || lpad(a.place::text, 5, '0'), 'main', a.id, b.id, 'knee', 'AP', 'r1'
        FROM (SELECT id, row_number() OVER (ORDER BY sha256) AS place FROM images_image WHERE collection_id = {real}) a
        JOIN (SELECT id, row_number() OVER (ORDER BY sha256) AS place FROM images_image
              WHERE collection_id = {synthetic}) b USING (place);
    INSERT INTO studies_assignment (reader_id, pair_id, session, position, first_side)
        SELECT reader.id, pair.id, 1, row_number() OVER (PARTITION BY reader.id ORDER BY pair.id),
               CASE WHEN (reader.id + pair.id) % 2 = 0 THEN 'left' ELSE 'right' END
        FROM studies_reader reader JOIN studies_pair pair ON pair.study_id = reader.study_id
        WHERE reader.study_id = {study};
    INSERT INTO reading_presentation (id, assignment_id, left_token, right_token, version)
        SELECT gen_random_uuid(), id, 'l' || id, 'r' || id, 0 FROM studies_assignment;
    INSERT INTO reading_ratingevent (presentation_id, answers, version, client_times)
        SELECT id, '{{}}', 1, '{{}}' FROM reading_presentation;
    INSERT INTO reading_rating (assignment_id, event_id, version, believed_real, confidence, comment, seconds)
        SELECT presentation.assignment_id, event.id, 1,
               CASE WHEN random() < 0.65 THEN assignment.first_side
                    WHEN assignment.first_side = 'left' THEN 'right' ELSE 'left' END,
               1 + floor(random() * 5), '', 20 + 40 * random()
        FROM reading_ratingevent event
        JOIN reading_presentation presentation ON presentation.id = event.presentation_id
        JOIN studies_assignment assignment ON assignment.id = presentation.assignment_id;
    INSERT INTO reading_score (rating_id, criterion_id, side, value, reason)
        SELECT rating.id, criterion.id, sides.side,
               1 + floor(4.99 * power(random(), CASE WHEN sides.side = assignment.first_side THEN 0.6 ELSE 1 END)), ''
        FROM reading_rating rating
        JOIN studies_assignment assignment ON assignment.id = rating.assignment_id
        CROSS JOIN (VALUES ('left'), ('right')) AS sides (side)
        JOIN studies_criterion criterion ON criterion.rubric_id = {rubric};
    UPDATE studies_study SET state = 'open', opened_at = now(), protocol_hash = 'bench' WHERE id = {study};
    UPDATE studies_study SET state = 'closed', closed_at = now() WHERE id = {study};
"""


@contextmanager
def servers() -> Iterator[None]:
    """Django on a database of its own in a temporary folder, migrated and empty."""
    from radiorate.local import Servers

    with tempfile.TemporaryDirectory(prefix="radiorate-bench-") as folder:
        local = Servers(Path(folder), durable=False)
        os.environ.update(local.start())
        os.environ.update(
            DJANGO_SETTINGS_MODULE="radiorate.settings", SECRET_KEY=secrets.token_hex(32), LOCAL="1", VAR=folder
        )
        try:
            import django
            from django.core.management import call_command

            django.setup()
            call_command("migrate", verbosity=0)
            yield
        finally:
            from django.db import connections

            connections.close_all()
            local.stop()


def fill(readers: int, pairs: int) -> Any:
    """A closed study in which every reader has scored every pair: readers x pairs x 2 images x 4 criteria."""
    from django.db import connection

    from radiorate.images.models import Collection
    from radiorate.studies.models import Criterion, Rubric, Study

    rubric = Rubric.objects.create(name="bench", version="1")
    for key in ("anatomy", "joint_fidelity", "collimation", "artifacts"):
        Criterion.objects.create(rubric=rubric, key=key, label=key.replace("_", " ").capitalize())
    study = Study.objects.create(slug="bench", title="Benchmark", rubric=rubric, simulated=True)
    real = Collection.objects.create(name="bench real", origin="real")
    synthetic = Collection.objects.create(name="bench synthetic", origin="synthetic")
    study.real_collections.add(real)
    study.synthetic_collections.add(synthetic)
    ids = {"study": study.pk, "rubric": rubric.pk, "real": real.pk, "synthetic": synthetic.pk}
    with connection.cursor() as cursor:
        cursor.execute("SELECT setseed(0.5)")
        for statement in FILL_SQL.format(readers=readers, pairs=pairs, **ids).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("ANALYZE")
    study.refresh_from_db()
    return study


def seconds(act: Callable[[], object], times: int = 5) -> float:
    """The median wall time of an act, after one run that warms caches and imports."""
    act()
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def main() -> None:
    with servers():
        from django.db import connection
        from django.template.loader import render_to_string

        from radiorate.results import analysis, cached, complete, dashboard, dataset
        from radiorate.results.filters import Filters

        study = fill(readers=20, pairs=400)

        def floor() -> None:
            with connection.cursor() as cursor:
                cursor.execute(FLOOR_SQL)
                cursor.fetchall()

        def page() -> str:
            return render_to_string("results/_results.html", dashboard.page(study))

        loaded = dataset.load(study)
        base, load = seconds(floor), seconds(lambda: dataset.load(study))
        whole = seconds(lambda: complete.analyse(loaded))
        new, kept = seconds(lambda: cached.make(study, Filters())), seconds(page)
        print(f"scores                    {analysis.counts(loaded)['scores']:>8}")
        print(f"floor: GROUP BY in SQL    {base:8.3f} s")
        print(f"dataset out of SQL        {load:8.3f} s   {load / base:5.1f} x the floor")
        print(f"analysis, 1000 resamples  {whole:8.3f} s   {whole / base:5.1f} x   (goal: under 5 s)")
        print(f"both, and kept            {new:8.3f} s   {new / base:5.1f} x")
        print(f"the page, once kept       {kept:8.3f} s   {kept / base:5.1f} x   (goal: under 1 s)")


if __name__ == "__main__":
    main()
