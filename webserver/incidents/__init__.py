"""Incidents played against real listeners, with real clients; what they are is in
`appliance.incidents`.
"""
