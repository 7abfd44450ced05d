"""Lets `python -m kg.authoring.corroborate` run the comparison."""

import sys

from kg.authoring.corroborate.command import main

sys.exit(main())
