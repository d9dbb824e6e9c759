"""Dot arrays whose number, size and spacing are set exactly. NumPy only.

>>> stimuli = karami32(n_instances=1, seed=0, size=112)
>>> stimuli.images.shape, stimuli.labels[0], stimuli.labels[-1]
((32, 112, 112), 'n06_a0.04_f5.0', 'n29_a0.20_f7.5')
"""

from .axes import DotParameters as DotParameters
from .colours import MIXED_ON_GREY as MIXED_ON_GREY
from .colours import WHITE_ON_BLACK as WHITE_ON_BLACK
from .colours import Colours as Colours
from .designs import DESIGNS as DESIGNS
from .designs import dewind_train as dewind_train
from .designs import dot_arrays as dot_arrays
from .designs import karami32 as karami32
from .designs import kim as kim
from .designs import nasr as nasr
from .designs import one_to_ten as one_to_ten
from .designs import park35 as park35
from .dots import Dots as Dots
from .dots import dot_diameters as dot_diameters
from .dots import sample_dots as sample_dots
from .fields import Field as Field
from .fields import disc as disc
from .fields import inside as inside
from .fields import square as square
from .measures import hull as hull
from .measures import mean_distance as mean_distance
from .placement import place as place
from .placement import smallest_gap as smallest_gap
from .rendering import covered_area as covered_area
from .rendering import render as render
from .saving import load_stimuli as load_stimuli
from .saving import save_stimuli as save_stimuli
from .shapes import SHAPES as SHAPES
from .shapes import regular as regular
from .sheet import contact_sheet as contact_sheet
from .stimulus_set import Design as Design
from .stimulus_set import StimulusSet as StimulusSet
