"""One request, for `osbiz catalogue check -- python3 ask.py {host} {port} {cafile}`."""

import ssl
import sys
import urllib.error
import urllib.request

host, port, cafile = sys.argv[1:]
trusting = ssl.create_default_context(cafile=cafile)
try:
    urllib.request.urlopen(f"https://{host}:{port}/", context=trusting, timeout=10).close()
except urllib.error.URLError as error:
    sys.exit(str(error))
