"""Units that fire rarely, Truong and Hasson (2022).

Experiment 1: LeNet-5, trained many times; the units of a layer with the fewest zeros
are kept, ten per cent steps, and their RDM is compared with that of the whole layer.
Experiment 2: the same units of a layer of VGG-16, or of any network, and what people
say of the images; against random orders of the units.
"""

from .options import ImageSet as ImageSet
from .options import Options as Options
from .study import STUDY as STUDY
