"""HOW it fits: device and precision, bytes to batches, the loop over chunks."""
