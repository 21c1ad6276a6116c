from django.db import migrations


def write(apps, schema_editor):
    """The one row, so that the workers that lock it need not ask whether it is there."""
    apps.get_model("generation", "SpendingLimit").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("generation", "0010_launch_once")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
