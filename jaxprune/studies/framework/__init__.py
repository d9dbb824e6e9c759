"""What all studies share: a study is one object, and all else comes from it.

Its options are checked and are those of the command line; its parts are computed one
after the other and kept; its tables, figures, report and summary are made of what was
found. So a study says what is measured, and no study says how it is run or saved.
"""

from .found import Found as Found
from .found import Measured as Measured
from .named_files import load_layers as load_layers
from .named_files import named_files as named_files
from .networks import WeightedNetwork as WeightedNetwork
from .options import Options as Options
from .options import option as option
from .options import seeds as seeds
from .options import trained as trained
from .presenting import Presentation as Presentation
from .presenting import rows_of as rows_of
from .published import Published as Published
from .running import Part as Part
from .running import Run as Run
from .study import Study as Study
