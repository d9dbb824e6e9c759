"""Number detectors: units of CORnets that pruning retains, and those of an ANOVA.

Dot arrays -> CORnet-Z and -S, untrained or with weights that the user has -> V1, V2, V4
and IT -> units retained by pruning, units found by analyses of variance, and random
ones: their scores, their overlap, and how they do on held-out conditions; as published
by Truong, Noei & Karami (2024), and as corrected.
"""

from .study import STUDY as STUDY
from .study import Options as Options
