"""Whether a flexible fit still finds the layer that a target came from.

Targets are simulated from each layer at the reliability of subjects; all layers are
fitted to them, whole, pruned and reweighted; the one that scores highest is taken for
the origin of the target. How often
is it?
"""

from .options import Options as Options
from .study import STUDY as STUDY
