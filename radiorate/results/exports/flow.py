"""flow.csv: what became of every order and of every image; the flow diagram is drawn of the same rows."""

from radiorate.results.exports import STUDY, Column, Export, guarded

EXPORT = Export(
    row="one fate: orders add up to all orders, images of an origin to all images of the study's collections",
    columns=(
        STUDY,
        Column("what", "text", "order or image", "fate.what"),
        Column("origin", "text", "real or synthetic", "fate.origin"),
        Column(
            "fate",
            "text",
            "of an order its state; of an image held, withdrawn or not_drawn; of one in a pair rated, not_rated or"
            " withdrawn_later (it or its pair, with no rating that counts)",
            "fate.fate",
        ),
        Column("reason", "text", "of a withdrawal: its ground; pair: not the image's own", guarded("fate.reason")),
        Column("count", "integer", "how many", "count(*)"),
    ),
    source="""FROM study
        CROSS JOIN LATERAL (
            SELECT 'order' AS what, 'synthetic' AS origin, job.state AS fate, '' AS reason
            FROM generation_job job JOIN generation_batch batch ON batch.id = job.batch_id
            WHERE batch.collection_id IN
                (SELECT collection_id FROM studies_study_synthetic_collections WHERE study_id = study.id)
            UNION ALL
            SELECT 'image', origin.origin,
                   CASE WHEN drawn.is_rated THEN 'rated' WHEN drawn.is_out THEN 'withdrawn_later'
                        WHEN drawn.id IS NOT NULL THEN 'not_rated'
                        WHEN image.state IN ('held', 'withdrawn') THEN image.state ELSE 'not_drawn' END,
                   CASE WHEN drawn.is_rated THEN '' WHEN image.state = 'withdrawn' THEN image.withdrawn_for
                        WHEN drawn.is_out THEN 'pair' ELSE '' END
            FROM images_image image
            JOIN images_collection origin ON origin.id = image.collection_id
            LEFT JOIN (
                SELECT each.id, bool_or(pair.is_rated) AS is_rated, bool_and(pair.is_out) AS is_out
                FROM (
                    SELECT first_id, second_id,
                           withdrawal.pair_id IS NULL AND EXISTS (
                               SELECT FROM studies_assignment assignment
                               JOIN reading_rating rating ON rating.assignment_id = assignment.id
                               WHERE assignment.pair_id = pair.id) AS is_rated,
                           withdrawal.pair_id IS NOT NULL OR 'withdrawn' IN (first.state, second.state) AS is_out
                    FROM studies_pair pair
                    JOIN images_image first ON first.id = pair.first_id
                    JOIN images_image second ON second.id = pair.second_id
                    LEFT JOIN studies_pairwithdrawal withdrawal ON withdrawal.pair_id = pair.id
                    WHERE pair.study_id = study.id
                ) pair CROSS JOIN LATERAL (VALUES (first_id), (second_id)) AS each (id)
                GROUP BY each.id
            ) drawn ON drawn.id = image.id
            WHERE image.collection_id IN
                (SELECT collection_id FROM studies_study_real_collections WHERE study_id = study.id
                 UNION SELECT collection_id FROM studies_study_synthetic_collections WHERE study_id = study.id)
        ) fate
        GROUP BY study.code, fate.what, fate.origin, fate.fate, fate.reason
        ORDER BY fate.what DESC, fate.origin, fate.fate, fate.reason""",
)
