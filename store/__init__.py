"""Certificates as values, and what survives a power cut.

This package knows X.509, PEM, PKCS#12 and SQLite. It opens no socket, reads no
clock (every function that needs the time is told it), and imports nothing from
the floors above.
"""
