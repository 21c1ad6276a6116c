from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("generation", "0005_limits_and_restores")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="modality",
            field=models.CharField(blank=True, max_length=16),
        ),
    ]
