"""What can be reached: TLS listeners, Admin Portal, WSI, control API, command line.

The only floor with asyncio, aiohttp and TLS. It asks `appliance` what to present
and obeys.
"""
