"""Data Backup: everything the box holds as one sealed file, and back."""

from __future__ import annotations

import hmac

from aiohttp import web

from appliance.accounts import Right
from store.backup import MAX_FILE
from store.refusals import Refusal, Refused, refuse_all
from store.requirements import passphrase_refusals
from webserver.files import File
from webserver.portal.forms import Form
from webserver.portal.frame import BACKUP
from webserver.portal.rights import lacking
from webserver.portal.texts import mark
from webserver.portal.visits import Visit
from webserver.portal.waiting_page import restart_words, waiting
from webserver.problems import status_of

RESTORE = BACKUP + "/restore"
# The other fields and the form's own lines come with the file.
MAX_RESTORE_BODY = MAX_FILE + (1 << 16)


def _tabs(visit: Visit) -> list[tuple[str, str]]:
    return [(visit.texts(mark("Backup")), BACKUP), (visit.texts(mark("Restore")), RESTORE)]


async def backup(visit: Visit) -> web.StreamResponse:
    """The form for a backup."""
    return await _backup_page(visit, Form())


async def _backup_page(visit: Visit, form: Form, status: int = 200) -> web.StreamResponse:
    return await visit.page(
        "backup.html",
        form=form,
        status=status,
        tabs=_tabs(visit),
        lack=lacking(visit, Right.BACKUP),
    )


async def make(visit: Visit) -> web.StreamResponse:
    """A backup, as a download."""
    visit.require(Right.BACKUP)
    passphrase, again = visit.form.get("passphrase", ""), visit.form.get("again", "")
    try:
        wrong = list(passphrase_refusals(passphrase))
        if not hmac.compare_digest(passphrase.encode(), again.encode()):
            wrong.append(Refusal("passphrase-repeat", "The two passphrases differ.", "again"))
        refuse_all(wrong)
        content = await visit.box.back_up(passphrase)
    except Refused as refused:
        form = Form().refuse(refused, ("passphrase", "again"))
        return await _backup_page(visit, form, status_of(refused))
    day = visit.box.clock.now().strftime("%Y-%m-%d")
    file = File(f"osbiz-backup-{visit.box.lan_ip}-{day}.osbiz", "application/octet-stream", content)
    return web.Response(
        body=file.content,
        content_type=file.media_type,
        headers={"Content-Disposition": file.disposition},
    )


async def restoring(visit: Visit) -> web.StreamResponse:
    """The form for a file to restore, and what that does."""
    return await _restore_page(visit, Form())


async def _restore_page(visit: Visit, form: Form, status: int = 200) -> web.StreamResponse:
    return await visit.page(
        "restore.html",
        form=form,
        status=status,
        tabs=_tabs(visit),
        lack=lacking(visit, Right.BACKUP),
        restart=restart_words(visit),
        largest=MAX_FILE >> 20,
    )


async def restore(visit: Visit) -> web.StreamResponse:
    """Be what a backup holds; the page that waits for the box, wherever it will be."""
    visit.require(Right.BACKUP)
    keep = visit.form.get("keep_lan_ip", "")
    before = visit.box.lan_ip
    try:
        data = visit.files.get("file")
        if data is None:
            raise Refused.because(
                "file-missing",
                "No file was chosen, or it is empty.",
                field="file",
                instead="Choose a file that Data Backup made.",
            )
        await visit.box.restore(
            data, visit.form.get("passphrase", ""), keep_lan_ip=bool(keep), wait=False
        )
    except Refused as refused:
        form = Form({"keep_lan_ip": keep}).refuse(
            _at_the_fields(refused), ("file", "passphrase", "keep_lan_ip")
        )
        return await _restore_page(visit, form, status_of(refused))
    return await waiting(visit, name=visit.box.model.active.name, moved=visit.box.lan_ip != before)


def _at_the_fields(refused: Refused) -> Refused:
    """What can't be listened at is the backup's address: the way out is to keep this one."""
    return Refused(
        *(
            Refusal(why.code, why.message, "keep_lan_ip", "Keep this box's LAN IP address.")
            if why.field == "lan_ip"
            else why
            for why in refused.refusals
        )
    )
