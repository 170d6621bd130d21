"""The Admin Portal and the Booster Server's own page: what people see of the box.

Owns pages, forms, their texts and looks, and the sessions of administrators and
subscribers. Every change
goes through `RunningBox`; nothing here knows certificates' insides beyond showing them.
Importing it is cheap: see `entrance`.
"""

from webserver.portal.entrance import (
    PORTAL,
    Portal,
    make_booster_pages,
    make_portal_app,
    make_services,
)

__all__ = ["PORTAL", "Portal", "make_booster_pages", "make_portal_app", "make_services"]
