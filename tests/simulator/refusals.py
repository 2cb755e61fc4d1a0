"""What Telegram refuses and in which words: the second half of the matrix, as data.

The page `docs/simulator.md` shows the same rows in the same order; a test holds both together.
"""

from tests.simulator.refused_messages import REFUSED_MESSAGES
from tests.simulator.refused_others import REFUSED_OTHERS

REFUSALS = (*REFUSED_MESSAGES, *REFUSED_OTHERS)
