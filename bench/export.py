"""How fast 1,000,000 rows of ratings.csv leave, beside a raw COPY, and how much memory that takes.

    .venv/bin/python bench/export.py

The floor is psycopg's own COPY of the same rows and columns as they stand in the tables: the same joins, but no
pseudonyms, no guard against formulas, no time format, no order. Goals: at most 1.3 x its time and 20 MB more memory.
"""

import resource
import statistics
import time
from collections.abc import Callable, Iterable

from dashboard import fill, servers

FLOOR_SQL = """
    COPY (
        SELECT study.slug, reader.code, assignment.session, pair.code, pair.kind, assignment.repeat_of_id, image.id,
               collection.origin, collection.name, image.body_part, image.view_position, score.side, criterion.key,
               score.value, score.reason, rating.submitted_at, rating.seconds
        FROM reading_score score
        JOIN studies_criterion criterion ON criterion.id = score.criterion_id
        JOIN reading_rating rating ON rating.id = score.rating_id
        JOIN studies_assignment assignment ON assignment.id = rating.assignment_id
        JOIN studies_reader reader ON reader.id = assignment.reader_id
        JOIN studies_pair pair ON pair.id = assignment.pair_id
        JOIN studies_study study ON study.id = pair.study_id
        JOIN images_image image ON image.id =
            CASE WHEN score.side = assignment.first_side THEN pair.first_id ELSE pair.second_id END
        JOIN images_collection collection ON collection.id = image.collection_id
    ) TO STDOUT (FORMAT csv, HEADER)
"""


def drain(pieces: Iterable[bytes | memoryview]) -> int:
    """The bytes of a stream, none of which are kept."""
    return sum(len(piece) for piece in pieces)


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def median_seconds(act: Callable[[], object], times: int = 3) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def main() -> None:
    with servers():
        from django.db import connection

        from radiorate.results import exporting

        study = fill(readers=50, pairs=2500)

        def floor() -> int:
            with connection.cursor() as cursor, cursor.copy(FLOOR_SQL) as copy:
                return drain(copy)

        size = floor()
        before = peak_megabytes()
        base = median_seconds(floor)
        ours = median_seconds(lambda: drain(exporting.stream(study, "ratings", None)))
        print(f"rows                      {50 * 2500 * 8:>9}")
        print(f"floor: raw COPY           {base:9.2f} s   {size / 1e6:6.0f} MB")
        print(f"ratings.csv               {ours:9.2f} s   {ours / base:6.2f} x the floor   (goal: 1.3)")
        print(f"memory                    {peak_megabytes() - before:9.1f} MB more         (goal: 20)")


if __name__ == "__main__":
    main()
