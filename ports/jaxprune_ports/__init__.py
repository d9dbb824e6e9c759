"""Networks whose units are pruned, written in Flax and checked against PyTorch.

>>> import jaxprune_ports as jpp
>>> net = jpp.create("cornet_z", seed=0)
>>> net.layers
('V1', 'V2', 'V4', 'IT', 'logits')
"""

from .activations import activations as activations
from .activations import condition_means as condition_means
from .activations import responder as responder
from .checkpoints import load as load
from .checkpoints import save as save
from .conditions import Conditions as Conditions
from .conditions import conditions_of as conditions_of
from .convert import from_torch as from_torch
from .extracted import Extraction as Extraction
from .extraction import extract as extract
from .images import Images as Images
from .images import open_images as open_images
from .network import Network as Network
from .preprocess import preprocess as preprocess
from .preprocessing import CAFFE as CAFFE
from .preprocessing import Preprocessing as Preprocessing
from .registry import available as available
from .registry import create as create
