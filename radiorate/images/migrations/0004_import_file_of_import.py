from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("images", "0003_collection_may_be_sent")]

    operations = [migrations.RenameField("importfile", "batch", "of_import")]
