"""Units that fire rarely, Truong and Hasson (2022).

Experiment 1: LeNet-5, trained many times; the units of a layer with the fewest zeros
are kept, ten per cent steps, and their RDM is compared with that of the whole layer.
Experiment 2: the same units of a layer of VGG-16, or of any network, and what people
say of the images; against random orders of the units.
"""

from .options import FULL as FULL
from .options import SMALL as SMALL
from .options import ImageSet as ImageSet
from .options import Options as Options
from .results import Predicted as Predicted
from .results import RarelyFiring as RarelyFiring
from .results import Tracked as Tracked
from .running import run as run
from .saving import FILES as FILES
from .saving import save as save
from .saving import summary as summary
