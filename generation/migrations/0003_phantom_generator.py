from django.db import migrations


def add(apps, schema_editor):
    """The generator that needs no key and no network, so that a new installation can order images at once."""
    generators = apps.get_model("generation", "Generator").objects
    generators.get_or_create(name="phantom", defaults={"provider": "phantom", "model": "phantom-1"})


def remove_unused(apps, schema_editor):
    generators = apps.get_model("generation", "Generator").objects
    generators.filter(name="phantom", provider="phantom", batches__isnull=True).delete()


class Migration(migrations.Migration):
    dependencies = [("generation", "0002_job_tries")]

    operations = [migrations.RunPython(add, remove_unused)]
