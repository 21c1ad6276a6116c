"""What a log line holds: a time, a level and a name, and no picture of the program's memory."""

import logging

import structlog

# The same head for our own lines and for those of Django, Celery and the other libraries.
HEAD: list[structlog.typing.Processor] = [
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
]


def formatter(renderer: structlog.typing.Processor) -> structlog.stdlib.ProcessorFormatter:
    """Lines out of a renderer; a traceback names files and lines, never the values in them: they may be a patient's."""
    drop = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=HEAD, processors=[drop, structlog.processors.format_exc_info, renderer]
    )


class ExpectedRefusals(logging.Filter):
    """Takes the traceback off what was answered with 4xx: a refusal is no fault of the program."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = None
        return True
