"""Property tests judge answers, not speed: a busy machine must not fail one.

REMINDFUL_EXAMPLES says how many each tries that names no number of its own; `make soak` tries more.
"""

import os

from hypothesis import settings

EXAMPLES = int(os.environ.get("REMINDFUL_EXAMPLES", "100"))
settings.register_profile("patient", deadline=None, max_examples=EXAMPLES)
settings.load_profile("patient")
