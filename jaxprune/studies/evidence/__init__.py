"""Is a result real: everything that defends a pruned layer, in one run and one report.

Pruning picks units on the data that it is scored on, so its score is biased upwards.
Beside it stand what shuffled conditions give, held-out conditions, rival methods,
intervals, and what the subjects themselves agree on.
"""

from .options import Options as Options
from .report import report as report
from .running import Evidence as Evidence
from .running import Subjects as Subjects
from .running import run as run
from .saving import FILES as FILES
from .saving import save as save
from .saving import summary as summary
