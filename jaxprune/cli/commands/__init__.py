"""The commands, one file each: help, options, and what is done.

A command's module has ``add``, which adds it to the parser, and ``run``. Whatever is
heavy is imported when it runs.
"""

from . import (
    compare,
    convert,
    demo,
    explain,
    extract,
    heatmap,
    info,
    networks,
    plot,
    prune,
    stimuli,
    study,
    test,
    train,
)

COMMANDS = (
    prune,
    explain,
    test,
    compare,
    plot,
    heatmap,
    extract,
    convert,
    networks,
    stimuli,
    train,
    study,
    demo,
    info,
)
