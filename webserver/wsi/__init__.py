"""WSI, the Web Services Interface, as its clients know it: plain GETs, XML and JSON answers.

`tables` has the commands, `answers` the shapes, `polls` the held requests, `app` the
wiring. What is known of the real interface and what is assumed says docs/wsi.md.
"""
