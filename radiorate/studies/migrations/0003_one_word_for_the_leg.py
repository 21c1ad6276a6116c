from django.db import migrations

# What opened studies show and ask stays as their readers saw it. Both words for the region meant the same, so nothing
# needs to be told apart again when this is taken back.
IMAGES = """
    UPDATE images_image SET body_part = 'leg'
    WHERE body_part IN ('tibia and fibula', 'lower leg', 'lowerleg', 'tibfib') AND NOT EXISTS (
        SELECT 1 FROM studies_pair pair JOIN studies_study study ON study.id = pair.study_id
        WHERE study.state <> 'draft' AND images_image.id IN (pair.first_id, pair.second_id)
    )
"""
CRITERIA = """
    UPDATE studies_criterion SET body_parts = array_replace(body_parts, 'tibia and fibula', 'leg')
    WHERE rubric_id IN (SELECT id FROM studies_rubric WHERE frozen_at IS NULL)
"""


class Migration(migrations.Migration):
    dependencies = [("studies", "0002_frozen_design"), ("images", "0005_import_file_absent")]

    operations = [
        migrations.RunSQL(IMAGES, migrations.RunSQL.noop),
        migrations.RunSQL(CRITERIA, migrations.RunSQL.noop),
    ]
