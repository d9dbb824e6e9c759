"""HOW it is computed: pure jitted array -> array functions."""
