"""The practice CA on the network: ACME over HTTPS, its pages, lists and OCSP over HTTP, its DNS.

What it decides is `appliance/ca/`. Nothing here is imported before somebody runs a CA.
"""
