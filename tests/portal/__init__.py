"""The Admin Portal, seen from outside: by scripts and by a browser."""
