"""Word vectors pruned by human judgements of pairs of words.

Vectors of words, or the layers of a language model -> the units that judged pairs call
for, folds of words, shuffled words, what a set is worth for other judgements, and how
the units that are kept order the words.
"""

from .options import Options as Options
from .study import STUDY as STUDY
