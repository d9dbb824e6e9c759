"""THE RIVAL: a weight for every unit, in place of units kept or dropped.

Feature reweighting (Peterson, Abbott and Griffiths 2018) predicts dissimilarities from
pair features of the units, by ridge regression over pairs of conditions.
"""

from .fitting import Reweighting as Reweighting
from .fitting import reweight as reweight
from .nested import NestedScores as NestedScores
from .nested import nested_scores as nested_scores
