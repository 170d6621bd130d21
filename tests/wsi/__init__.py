"""WSI and the exchange behind it."""
