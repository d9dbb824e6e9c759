"""Feature maps by what the fit at a later layer loses without them.

Truong, Pesenti & Hasson (2025), Alignment-Importance, Computational Brain & Behavior
8(3): maps of the last convolution of VGG-16 are set to zero one at a time, the network
goes on, and the similarities of images at fc7 are compared with those that people see.
"""

from .options import Options as Options
from .study import STUDY as STUDY
