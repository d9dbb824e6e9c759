"""Networks whose units are pruned, written in Flax and checked against PyTorch.

>>> import jaxprune_ports as jpp
>>> net = jpp.create("cornet_z", seed=0)
>>> net.layers
('V1', 'V2', 'V4', 'IT', 'logits')
"""

from .extraction.activations import activations as activations
from .extraction.activations import condition_means as condition_means
from .extraction.activations import responder as responder
from .extraction.extract import extract as extract
from .extraction.record import Extraction as Extraction
from .images.conditions import Conditions as Conditions
from .images.conditions import conditions_of as conditions_of
from .images.images import Images as Images
from .images.opening import open_images as open_images
from .images.steps import CAFFE as CAFFE
from .images.steps import Preprocessing as Preprocessing
from .modules.activations import torch_activations as torch_activations
from .modules.network import TorchNetwork as TorchNetwork
from .modules.opening import open_network as open_network
from .networks.from_layer import from_layer as from_layer
from .networks.network import Network as Network
from .networks.preprocess import preprocess as preprocess
from .networks.pruning import pruned as pruned
from .networks.registry import available as available
from .networks.registry import create as create
from .weights.checkpoints import load as load
from .weights.checkpoints import save as save
from .weights.convert import from_torch as from_torch
