"""``python -m jpki.evidence.thorough``, which is ``build.py test --thorough``."""

import sys

from cardlab.cli.app import run_group
from jpki.evidence.thorough.command import command

sys.exit(run_group(command, sys.argv[1:]))
