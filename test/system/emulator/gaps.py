"""Gaps: what the emulator papers over, each journalled with its kind, type and reason.

Kinds:
  generic    no service stands behind the type; only its provider schema was checked
  attribute  the service is emulated, but this attribute's value was made up
  update     the service is emulated, but the changed property was only recorded
  behaviour  CloudFormation or the service would do something here that nothing does

The same gap is journalled once per stack operation and resource. Which gaps are
acceptable is for the tests to say (accepted-gaps.yaml); the emulator only reports.
"""


class Gaps:
    def __init__(self, journal):
        self._journal = journal

    def report(self, kind, resource, subject, reason):
        self._journal.write(
            "GAP",
            kind=kind,
            type=resource.type,
            subject=subject,
            reason=reason,
            stack=resource.stack_name,
            region=resource.region,
            logicalId=resource.logical_id,
        )
