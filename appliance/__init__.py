"""What the box is: clock, network, lifecycle, activation, Booster Server.

Plain objects and tables over `store`. No socket, no HTTP, no event loop; the
wall clock is read in `appliance.clock` and nowhere else.
"""
