"""Which regions of an image carry a representation: it is occluded, or loses maps.

By occlusion a square is set to zero, the network responds to what is left, and the
image's row of the RDM is compared with the target again. Where the score drops, the
square hid what the fit rests on. By maps, each feature map is set to zero in turn, and
the maps are averaged with these drops as weights.
"""

from ._heat_map import HeatMap as HeatMap
from ._input import check_names as check_names
from ._input import check_sizes as check_sizes
from ._weighted_maps import WeightedMaps as WeightedMaps
from .by_maps import weighted_maps as weighted_maps
from .occlusion import SIZES as SIZES
from .occlusion import STRIDE as STRIDE
from .occlusion import occlusion_map as occlusion_map
from .occlusion import occlusion_maps as occlusion_maps
from .top_pixels import in_pixels as in_pixels
from .top_pixels import top_pixels as top_pixels

__all__ = [
    "HeatMap",
    "WeightedMaps",
    "in_pixels",
    "occlusion_map",
    "occlusion_maps",
    "top_pixels",
    "weighted_maps",
]
