"""
A layer and an RDM, end to end
==============================

Text.
"""

import jaxprune as jp

print(jp.rdm([[1.0, 2, 4], [1, 3, 2], [2, 1, 0]]))
