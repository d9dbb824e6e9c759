"""Dot arrays whose number, size and spacing are set exactly. NumPy only.

>>> stimuli = karami32(n_instances=1, seed=0, size=112)
>>> stimuli.images.shape, stimuli.labels[0], stimuli.labels[-1]
((32, 112, 112), 'n06_a0.04_f5.0', 'n29_a0.20_f7.5')
"""

from .designs import StimulusSet as StimulusSet
from .designs import karami32 as karami32
from .dots import Dots as Dots
from .dots import dot_diameters as dot_diameters
from .dots import sample_dots as sample_dots
from .placement import place as place
from .rendering import covered_area as covered_area
from .rendering import render as render
