from django.db import migrations


def add(apps, schema_editor):
    """For servers that still speak DALL-E 2's API: OpenAI's own was switched off on 2026-05-12.

    It is switched on by whoever has such a server, whose address and key are DALLE2_BASE_URL and DALLE2_API_KEY.
    """
    generators = apps.get_model("generation", "Generator").objects
    facts = {"provider": "openai", "model": "dall-e-2", "connection": "DALLE2", "is_active": False}
    generators.get_or_create(name="dall-e-2-api", defaults=facts)


def remove_unused(apps, schema_editor):
    generators = apps.get_model("generation", "Generator").objects
    generators.filter(name="dall-e-2-api", provider="openai", batches__isnull=True, prices__isnull=True).delete()


class Migration(migrations.Migration):
    dependencies = [("generation", "0007_prompts_assumed")]

    operations = [migrations.RunPython(add, remove_unused)]
