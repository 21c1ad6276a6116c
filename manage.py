#!/usr/bin/env python
"""Django's command line for radiorate."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "radiorate.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"radiorate: {error}")
    except Exception as error:
        from radiorate import outage

        if sentence := outage.sentence(error):
            sys.exit(f"radiorate: {sentence}")
        raise


if __name__ == "__main__":
    main()
