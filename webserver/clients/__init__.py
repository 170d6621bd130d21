"""Simulated UC clients on real TLS connections. What they are is in `appliance.uc_clients`."""
