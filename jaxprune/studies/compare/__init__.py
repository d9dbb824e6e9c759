"""Do several targets call for the same units? `jaxprune compare` runs it.

Groups of people, areas of a brain, domains of objects: each retains units of its own.
Beside their overlap stand its chance level, what each set is worth for the other
targets on held-out conditions, and what swapped subjects give.
"""

from .measure import Compared as Compared
from .measure import Options as Options
from .measure import run as run
from .study import COMPARE as COMPARE
