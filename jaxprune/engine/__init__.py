"""From checked input to numbers: what the public functions plan, and call once.

`make_problem` checks everything and gives a `Problem`: a `Layer` (features, and where
they are computed with) and groups of targets that miss the same pairs. Each group is a
`Subproblem`, which the paths of leave-one-out, the curves and the searches compute for.
"""
