"""Stock aiohttp over asyncio's TLS: FOLDER with the certificate, PORT, SIZE of the answer."""

import ssl
import sys

from aiohttp import web


def main(folder: str, port: str, size: str) -> None:
    """Serve until SIGTERM."""
    body = b"x" * int(size)

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="text/plain")

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(f"{folder}/cert.pem", f"{folder}/key.pem")
    application = web.Application()
    application.router.add_get("/{path:.*}", answer)
    web.run_app(
        application,
        host="127.0.0.1",
        port=int(port),
        ssl_context=context,
        access_log=None,
        print=lambda *_: None,
        backlog=1024,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
