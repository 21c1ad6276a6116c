"""preferences.csv: which image of a pair is better, by the criteria that ask it."""

from radiorate.results.exports import BOTH_IMAGES, CRITERION, KIND, REPEAT, SHOWING, SIDES, SUBMITTED_AT, Column, Export


def _preferred(column: str) -> str:
    return f"CASE score.value WHEN 1 THEN left_image.{column} WHEN 3 THEN right_image.{column} END"


EXPORT = Export(
    row="one presentation and preference that the rubric asks for",
    columns=(
        *SHOWING,
        KIND,
        REPEAT,
        *SIDES,
        CRITERION,
        Column(
            "preferred",
            "text",
            "left, right or equal",
            "CASE score.value WHEN 1 THEN 'left' WHEN 3 THEN 'right' ELSE 'equal' END",
        ),
        Column("preferred_image", "text", "code of the better image; empty for equal", _preferred("code")),
        Column("preferred_origin", "text", "real or synthetic; empty for equal", _preferred("origin")),
        SUBMITTED_AT,
    ),
    source=f"""{BOTH_IMAGES}
        JOIN reading_score score ON score.rating_id = shown.rating_id
            AND score.criterion_id IN (SELECT id FROM criterion WHERE kind = 'preference')
        ORDER BY shown.place, score.criterion_id""",  # noqa: S608
)
