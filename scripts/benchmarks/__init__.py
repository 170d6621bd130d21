"""How fast the simulator is, as ratios to its peers, measured side by side in one run.

Each benchmark is a module with one public function that yields rows. Measured from
outside, as users see it; what looks inside the simulator says so. Never a test: a slow
day is no failure.
"""
