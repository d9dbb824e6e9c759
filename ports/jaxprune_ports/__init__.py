"""Networks whose units are pruned, written in Flax and checked against PyTorch.

>>> import jaxprune_ports as jpp
>>> jpp.available()
('cornet_z',)
"""

from .activations import activations as activations
from .activations import condition_means as condition_means
from .convert import from_torch as from_torch
from .cornet_z import CORnetZ as CORnetZ
from .preprocess import preprocess as preprocess
from .registry import available as available
from .registry import create as create
