"""Load by suffix: activations, RDMs, and what people keep beside them.

>>> import tempfile, numpy as np
>>> from pathlib import Path
>>> folder = tempfile.TemporaryDirectory()
>>> file = Path(folder.name) / "features.npz"
>>> np.savez(file, x=np.eye(3), labels=["cat", "dog", "owl"])
>>> load_features(file).labels
('cat', 'dog', 'owl')
>>> folder.cleanup()
"""

from .aligning import align as align
from .aligning import how_matched as how_matched
from .grouping import groups_of as groups_of
from .grouping import load_groups as load_groups
from .hdf5 import layers_in as layers_in
from .labelled import Labelled as Labelled
from .layouts import unit_positions as unit_positions
from .loading import SUFFIXES as SUFFIXES
from .loading import load_features as load_features
from .loading import load_noise as load_noise
from .loading import load_target as load_target
from .sharing import shared as shared
from .texts import read_lines as read_lines
from .triplets import among as among
from .triplets import load_triplets as load_triplets
