"""Every check of user input, once, with its message.

A message names the argument, says what arrived and what was expected, and what to do.
"""

from .arguments import choice as choice
from .arguments import positive_or_none as positive_or_none
from .arguments import whole as whole
from .arrays import array_of as array_of
from .arrays import beyond_float64 as beyond_float64
from .arrays import each_finite as each_finite
from .arrays import labels_of as labels_of
from .arrays import numeric as numeric
from .arrays import unmasked as unmasked
from .arrays import whole_numbers as whole_numbers
from .layers import ELSEWHERE as ELSEWHERE
from .layers import FEWEST as FEWEST
from .layers import constant_conditions as constant_conditions
from .layers import features as features
from .layers import finite as finite
from .layers import noise as noise
from .layers import noise_wanted as noise_wanted
from .layers import non_negative as non_negative
from .layers import readout as readout
from .layers import stays_sparse as stays_sparse
from .layers import together as together
from .targets import comparable as comparable
from .targets import condensed_target as condensed_target
from .targets import same_conditions as same_conditions
from .targets import square_target as square_target
from .targets import target_shape as target_shape
from .targets import triplets as triplets
from .units import groups as groups
from .units import groups_overlap as groups_overlap
from .units import masks as masks
from .units import order as order
from .units import per_unit as per_unit
from .units import sizes as sizes
