"""flow.csv: what became of every order and of every image; the numbers behind the flow diagram."""

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
            "of an order its state; of an image held, withdrawn, not_drawn, not_rated or rated",
            "fate.fate",
        ),
        Column("reason", "text", "of a withdrawal: why, as one of the grounds", guarded("fate.reason")),
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
                   CASE WHEN rated.id IS NOT NULL THEN 'rated' WHEN paired.id IS NOT NULL THEN 'not_rated'
                        WHEN image.state IN ('held', 'withdrawn') THEN image.state ELSE 'not_drawn' END,
                   CASE WHEN paired.id IS NULL THEN image.withdrawn_for ELSE '' END
            FROM images_image image
            JOIN images_collection origin ON origin.id = image.collection_id
            LEFT JOIN (
                SELECT first_id AS id FROM studies_pair WHERE study_id = study.id
                UNION SELECT second_id FROM studies_pair WHERE study_id = study.id
            ) paired ON paired.id = image.id
            LEFT JOIN (SELECT left_id AS id FROM shown UNION SELECT right_id FROM shown) rated ON rated.id = image.id
            WHERE image.collection_id IN
                (SELECT collection_id FROM studies_study_real_collections WHERE study_id = study.id
                 UNION SELECT collection_id FROM studies_study_synthetic_collections WHERE study_id = study.id)
        ) fate
        GROUP BY study.code, fate.what, fate.origin, fate.fate, fate.reason
        ORDER BY fate.what DESC, fate.origin, fate.fate, fate.reason""",
)
