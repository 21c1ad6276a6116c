"""Which server a command could not do without, in one line instead of a traceback."""

import psycopg
import redis
from django.db import DatabaseError

START = "start the site (make run, or docker compose up), or name a running server in"


def sentence(error: Exception) -> str:
    """What does not answer and how to start it; empty where the error says something else."""
    cause = error.__cause__ if isinstance(error, DatabaseError) else error
    # An error that PostgreSQL itself reports has a code; one of the connection to it has none.
    if isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None:
        return f"PostgreSQL does not answer ({_first_line(cause)}): {START} DATABASE_URL."
    if isinstance(cause, redis.ConnectionError | redis.TimeoutError):
        return f"Redis does not answer ({_first_line(cause)}): {START} REDIS_URL."
    return ""


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].rstrip(".")
