"""WHICH UNITS COUNT: number detectors, their tuning, and RDMs of number.

Everything starts from the moments of a design: `cell_moments` of responses to single
images, or those summed while images stream through a network. NumPy and SciPy only; the
tasks (comparison, match-to-sample) need scikit-learn.
"""

from .anova import Anova as Anova
from .anova import anova as anova
from .anova import anova_from_cells as anova_from_cells
from .anova import anova_from_moments as anova_from_moments
from .cells import CellMoments as CellMoments
from .comparison import ComparisonTrials as ComparisonTrials
from .comparison import comparison_task as comparison_task
from .correction import adjusted as adjusted
from .detectors import RULES as RULES
from .detectors import Detectors as Detectors
from .detectors import detectors as detectors
from .detectors import factorial as factorial
from .detectors import kim_strict as kim_strict
from .detectors import nasr as nasr
from .detectors import non_selective as non_selective
from .detectors import one_way as one_way
from .detectors import one_way_cells as one_way_cells
from .gaussian import AXES as AXES
from .gaussian import GaussianFits as GaussianFits
from .gaussian import fit_gaussians as fit_gaussians
from .matching import MatchTrials as MatchTrials
from .matching import Silencing as Silencing
from .matching import match_to_sample as match_to_sample
from .matching import silencing_test as silencing_test
from .moments import cell_moments as cell_moments
from .monotonic import Monotonic as Monotonic
from .monotonic import monotonic_units as monotonic_units
from .noise import noise_corrected_rdm as noise_corrected_rdm
from .observer import Observer as Observer
from .observer import weber_fraction as weber_fraction
from .preference import preferred as preferred
from .rdms import dimension_rdms as dimension_rdms
from .rdms import distance_rdm as distance_rdm
from .rdms import zscored as zscored
from .summation import Summation as Summation
from .summation import summation_model as summation_model
from .tukey import Tukey as Tukey
from .tukey import tukey as tukey
from .tuning import TuningCurves as TuningCurves
from .tuning import tuning_curves as tuning_curves
from .tuning import unit_curves as unit_curves
from .weber import Line as Line
from .weber import sigma_slope as sigma_slope
