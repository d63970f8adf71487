#!/usr/bin/env python
"""Django's command-line utility for Healthcare CMS."""

import os
import sys


def main() -> None:
    """Run an administrative task."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "healthcare_cms.settings")
    from django.core.management import execute_from_command_line  # app ready

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
