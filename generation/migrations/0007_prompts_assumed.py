"""“Inferred” becomes “assumed”, and a batch keeps of its protocol what is stated and what is assumed as two tables."""

from collections.abc import Mapping
from typing import Any

from django.db import migrations


def assumed(apps: Any, _schema: Any) -> None:
    apps.get_model("generation", "Job").objects.filter(prompt_source="inferred").update(prompt_source="assumed")
    _rewrite(apps, _as_tables)


def inferred(apps: Any, _schema: Any) -> None:
    apps.get_model("generation", "Job").objects.filter(prompt_source="assumed").update(prompt_source="inferred")
    _rewrite(apps, _as_list)


def _rewrite(apps: Any, rewritten: Any) -> None:
    Batch = apps.get_model("generation", "Batch")
    for batch in Batch.objects.exclude(protocol_facts={}).only("protocol_facts"):
        batch.protocol_facts = rewritten(batch.protocol_facts)
        batch.save(update_fields=["protocol_facts"])


def _as_tables(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Who had said that all n images were stated is not known any more: the number counts as assumed."""
    if "prompts" not in facts:
        return dict(facts)
    stated = [prompt["text"] for prompt in facts["prompts"] if prompt["source"] == "stated"]
    filled_in = [prompt["text"] for prompt in facts["prompts"] if prompt["source"] != "stated"]
    return {
        "title": facts["title"],
        "publication": facts["source"],
        "note": facts["note"],
        "stated": {"prompts": stated} if stated else {},
        "assumed": {"images_per_prompt": facts["n"]} | ({"prompts": filled_in} if filled_in else {}),
    }


def _as_list(facts: Mapping[str, Any]) -> dict[str, Any]:
    if "assumed" not in facts:
        return dict(facts)
    tables = (("stated", facts["stated"]), ("inferred", facts["assumed"]))
    prompts = [
        {"text": prompt if isinstance(prompt, str) else prompt["text"], "source": source, "note": ""}
        for source, table in tables
        for prompt in table.get("prompts", [])
    ]
    n = {**facts["stated"], **facts["assumed"]}.get("images_per_prompt", 1)
    return {"title": facts["title"], "source": facts["publication"], "note": facts["note"], "n": n, "prompts": prompts}


class Migration(migrations.Migration):
    dependencies = [("generation", "0006_job_modality")]

    operations = [migrations.RunPython(assumed, inferred)]
