"""ACME as the box does it: what is asked for, what comes of it, and when again.

Values, tables and rules (RFC 8555, 8737, 8738, 9773). Nothing here connects to anything:
the conversation with a CA is `webserver/acme_client.py`, which obeys what is decided here.
"""

EVENT = "acme-"  # how the journal's entries about it begin

# The node's settings in which all of it is kept.
BOOK = "acme"
ACCOUNTS = "acme_accounts"
