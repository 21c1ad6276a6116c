from django.db import migrations, models

NO_FILE = "The manifest names this file, but it is not there."


def rejected_to_absent(apps, schema_editor):
    files = apps.get_model("images", "ImportFile").objects.filter(outcome="rejected", reason=NO_FILE)
    files.update(outcome="absent", reason="")


def absent_to_rejected(apps, schema_editor):
    files = apps.get_model("images", "ImportFile").objects.filter(outcome="absent")
    files.update(outcome="rejected", reason=NO_FILE)


class Migration(migrations.Migration):
    dependencies = [("images", "0004_import_file_of_import")]

    operations = [
        migrations.AlterField(
            "importfile",
            "outcome",
            models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("accepted", "Accepted"),
                    ("held", "Held"),
                    ("rejected", "Rejected"),
                    ("duplicate", "Duplicate"),
                    ("absent", "Absent"),
                ],
                default="waiting",
                editable=False,
                max_length=9,
            ),
        ),
        migrations.RunPython(rejected_to_absent, absent_to_rejected),
    ]
