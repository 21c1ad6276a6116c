"""pairs.csv: which images met, as drawn when the study opened."""

from radiorate.results.exports import STUDY, Column, Export, guarded

EXPORT = Export(
    row="one pair of the study",
    columns=(
        STUDY,
        Column("pair", "text", "the pair's code", guarded("pair.code")),
        Column("kind", "text", "main, control or practice", "pair.kind"),
        Column("body_part", "text", "region shown", guarded("pair.body_part")),
        Column("view_position", "text", "AP, PA, LL, RL or empty", "nullif(pair.view_position, '')"),
        Column("first_image", "text", "code of the first image; in a main pair the real one", "first.code"),
        Column("second_image", "text", "code of the second image; in a main pair the synthetic one", "second.code"),
        Column("first_origin", "text", "real or synthetic", "first.origin"),
        Column("second_origin", "text", "real or synthetic", "second.origin"),
        Column("recipe", "text", "how both were rendered: writer, canvas and frame", guarded("pair.recipe")),
        Column(
            "readings",
            "integer",
            "ratings there are, repeats too",
            "coalesce(counted.readings, 0)",
        ),
    ),
    source="""FROM study
        JOIN studies_pair pair ON pair.study_id = study.id
        JOIN image first ON first.id = pair.first_id
        JOIN image second ON second.id = pair.second_id
        LEFT JOIN (SELECT pair, count(*) AS readings FROM shown GROUP BY pair) counted ON counted.pair = pair.code
        ORDER BY pair.code""",
)
