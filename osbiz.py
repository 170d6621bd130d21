"""An OpenScape Business box you can hold in your hand: the public face.

    import osbiz

    async with osbiz.Simulator(ephemeral=True) as sim:
        print(sim.box.portal_url, sim.box.active.pem)
        await sim.box.change_lan_ip("127.0.0.9")

    with osbiz.run() as sim:                  # the same from ordinary code
        sim.box.change_lan_ip("127.0.0.9")

What is imported from here is kept stable; the packages behind it may change.
"""

from store.certificate import Certificate
from store.refusals import Refusal, Refused
from webserver.blocking import run
from webserver.boxes import Boxes
from webserver.running import RunningBox
from webserver.simulator import Simulator

__all__ = ["Boxes", "Certificate", "Refusal", "Refused", "RunningBox", "Simulator", "run"]
