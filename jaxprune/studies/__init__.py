"""One file per study, end to end: the only folder that joins engine, stimuli, ports."""
