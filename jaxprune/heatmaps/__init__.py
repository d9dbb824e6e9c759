"""Which regions of an image carry a representation: it is occluded, square by square.

A square is set to zero, the network responds to what is left, and the image's row of
the RDM is compared with the target again. Where the score drops, the square hid what
the fit rests on.
"""

from ._heat_map import HeatMap as HeatMap
from ._input import check_names as check_names
from ._input import check_sizes as check_sizes
from .occlusion import SIZES as SIZES
from .occlusion import STRIDE as STRIDE
from .occlusion import occlusion_map as occlusion_map
from .occlusion import occlusion_maps as occlusion_maps

__all__ = ["HeatMap", "occlusion_map", "occlusion_maps"]
