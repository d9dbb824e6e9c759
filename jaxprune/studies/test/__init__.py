"""Is it real: everything that defends a pruned layer, in one run and one report.

Pruning picks units on the data that it is scored on, so its score is biased upwards.
Beside it stand what shuffled conditions give, held-out conditions, rival methods,
intervals, and what the subjects themselves agree on. `jaxprune test` runs it.
"""

from .measure import Subjects as Subjects
from .measure import Tested as Tested
from .measure import run as run
from .options import Options as Options
from .study import TEST as TEST
