"""What every other floor stands on: arrays, checks of input, types, the version."""
