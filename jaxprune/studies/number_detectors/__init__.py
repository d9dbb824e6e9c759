"""Number detectors: units of CORnets that pruning retains, and those of an ANOVA.

Dot arrays -> CORnet-Z and -S, untrained or with weights that the user has -> V1, V2, V4
and IT -> units retained by pruning, units found by analyses of variance, and random
ones: their scores, their overlap, and how they do on held-out conditions; as published
by Truong, Noei & Karami (2024), and as corrected.
"""

from .options import FULL as FULL
from .options import SMALL as SMALL
from .options import Options as Options
from .published import OVERLAP as OVERLAP
from .published import SCORES as SCORES
from .running import NumberDetectors as NumberDetectors
from .running import run as run
from .saving import FILES as FILES
from .saving import save as save
from .saving import summary as summary
from .table import COLUMNS as COLUMNS
from .table import Row as Row
