"""ACME as the box does it: what is asked for, what comes of it, and when again.

Values, tables and rules (RFC 8555, 8737, 8738, 9773). Nothing here connects to anything:
the conversation with a CA is `webserver/acme_client.py`, which obeys what is decided here.
"""

EVENT = "acme-"  # how the journal's entries about it begin

# Reasons to revoke that RFC 8555 7.6 lets a subscriber give, by what people call them, as the
# numbers of RFC 5280 5.3.1.
REASONS = {
    "unspecified": 0,
    "key-compromise": 1,
    "affiliation-changed": 3,
    "superseded": 4,
    "cessation": 5,
}

# The node's settings in which all of it is kept.
BOOK = "acme"
ACCOUNTS = "acme_accounts"
