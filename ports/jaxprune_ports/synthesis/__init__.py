"""Images made by gradient ascent, for the mean response of sets of units."""

from .ascent import synthesise as synthesise
