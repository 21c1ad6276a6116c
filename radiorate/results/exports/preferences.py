"""preferences.csv: which image of a pair is better, by the criteria that ask it."""

from radiorate.results.exports import CRITERION, KIND, REPEAT, SHOWING, SUBMITTED_AT, Column, Export


def _preferred(column: str) -> str:
    return f"CASE score.value WHEN 1 THEN left_image.{column} WHEN 3 THEN right_image.{column} END"


EXPORT = Export(
    row="one presentation and preference that the rubric asks for",
    columns=(
        *SHOWING,
        KIND,
        REPEAT,
        Column("left_image", "text", "code of the image on the left", "left_image.code"),
        Column("right_image", "text", "code of the image on the right", "right_image.code"),
        Column("left_origin", "text", "real or synthetic", "left_image.origin"),
        Column("right_origin", "text", "real or synthetic", "right_image.origin"),
        Column("left_generator", "text", "who made the left image; empty when it is real", "left_image.generator"),
        Column("right_generator", "text", "who made the right image; empty when it is real", "right_image.generator"),
        Column("body_part", "text", "region shown", "shown.body_part"),
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
    source="""FROM shown
        JOIN image left_image ON left_image.id = shown.left_id
        JOIN image right_image ON right_image.id = shown.right_id
        JOIN reading_score score ON score.rating_id = shown.rating_id
            AND score.criterion_id IN (SELECT id FROM criterion WHERE kind = 'preference')
        ORDER BY shown.place, score.criterion_id""",
)
