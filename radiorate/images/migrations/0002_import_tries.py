from django.db import migrations, models


class Migration(migrations.Migration):
    """An archive that can't be read is refused before an import begins, so no import fails as a whole."""

    dependencies = [("images", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="importfile",
            name="tries",
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.RemoveField(model_name="import", name="failure"),
        migrations.AlterField(
            model_name="import",
            name="state",
            field=models.CharField(
                choices=[("queued", "Queued"), ("running", "Running"), ("done", "Done")],
                default="queued",
                editable=False,
                max_length=7,
            ),
        ),
    ]
