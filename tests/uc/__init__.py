"""The simulated UC clients."""
