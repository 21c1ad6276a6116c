"""After a restore nothing is sent until an admin says so: what waited in the backup may have been paid for since.

The rows name the database they are at home in by what no dump brings back: the server's identifier, its timeline (a new
one after a fail-over, which may have lost the last rows), the numbers of the database and of the table of attempts.
A copy of the server's own files keeps all of these: who restores such a copy calls `leave_home` first.
"""

from django.db import connection
from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from generation.models import Home

IDENTITY = """
    concat_ws('/', (SELECT system_identifier FROM pg_control_system()),
              (SELECT timeline_id FROM pg_control_checkpoint()),
              (SELECT oid FROM pg_database WHERE datname = current_database()), 'generation_attempt'::regclass::oid)
"""
# Without any row nobody has ever said where these rows are at home.
IS_AT_HOME = f"coalesce((SELECT identity = {IDENTITY} FROM generation_home), true)"  # noqa: S608 (no outside text)
REASON = "the database was restored: nothing is sent until an admin says so"


def is_at_home() -> bool:
    """Whether these rows were written in this very database, or an admin has said since that orders may go out."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {IS_AT_HOME}")
        return cursor.fetchone()[0]


def come_home() -> None:
    """From now on orders go out of this database."""
    here = RawSQL(IDENTITY, [], output_field=TextField())  # noqa: S611 (no outside text)
    Home.objects.update_or_create(pk=1, defaults={"identity": here, "said_at": Now()})


def leave_home() -> None:
    """From now on nothing is sent, as after a restore."""
    Home.objects.update_or_create(pk=1, defaults={"identity": "unknown", "said_at": Now()})
