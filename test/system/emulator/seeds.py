"""What exists in an account before the first deploy: the hosted zones client files name."""

from moto.route53.models import FakeZone, route53_backends


def hosted_zone(account, zone_id, name):
    """Puts a public hosted zone of a given id there; the API only makes zones with ids of its own."""
    backend = route53_backends[account]["aws"]
    backend.zones[zone_id] = FakeZone(
        name=name.rstrip(".") + ".",
        id_=zone_id,
        private_zone=False,
        caller_reference=f"seed-{zone_id}",
        comment="seeded by the emulator",
        delegation_set=None,
    )
