"""API resources of EC2: security group rules and route table associations."""

from .api import Api


class Rule(Api):
    """One rule of a security group, by its own id as AWS has it."""

    direction = ""
    other_side = ""  # 'Source' for ingress, 'Destination' for egress

    def create(self, resource, p):
        client = self._client("ec2", resource)
        authorize = getattr(client, f"authorize_security_group_{self.direction}")
        made = authorize(GroupId=p["GroupId"], IpPermissions=[self._permission(p)])
        return made["SecurityGroupRules"][0]["SecurityGroupRuleId"]

    def delete(self, resource):
        client, p = self._client("ec2", resource), resource.properties
        revoke = getattr(client, f"revoke_security_group_{self.direction}")
        revoke(GroupId=p["GroupId"], IpPermissions=[self._permission(p)])

    def attribute(self, resource, name):
        return resource.physical_id if name == "Id" else None

    def _permission(self, p):
        permission = {"IpProtocol": str(p["IpProtocol"])}
        permission.update({k: int(p[k]) for k in ("FromPort", "ToPort") if k in p})
        note = {"Description": p["Description"]} if "Description" in p else {}
        if f"{self.other_side}SecurityGroupId" in p:
            permission["UserIdGroupPairs"] = [{"GroupId": p[f"{self.other_side}SecurityGroupId"], **note}]
        if "CidrIp" in p:
            permission["IpRanges"] = [{"CidrIp": p["CidrIp"], **note}]
        if "CidrIpv6" in p:
            permission["Ipv6Ranges"] = [{"CidrIpv6": p["CidrIpv6"], **note}]
        if f"{self.other_side}PrefixListId" in p:
            permission["PrefixListIds"] = [{"PrefixListId": p[f"{self.other_side}PrefixListId"], **note}]
        return permission


class Ingress(Rule):
    direction, other_side = "ingress", "Source"


class Egress(Rule):
    direction, other_side = "egress", "Destination"


class RouteTableAssociation(Api):
    def create(self, resource, p):
        made = self._client("ec2", resource).associate_route_table(
            RouteTableId=p["RouteTableId"], SubnetId=p["SubnetId"]
        )
        return made["AssociationId"]

    def delete(self, resource):
        self._client("ec2", resource).disassociate_route_table(AssociationId=resource.physical_id)

    def attribute(self, resource, name):
        return resource.physical_id if name == "Id" else None


TYPES = {
    "AWS::EC2::SecurityGroupEgress": Egress,
    "AWS::EC2::SecurityGroupIngress": Ingress,
    "AWS::EC2::SubnetRouteTableAssociation": RouteTableAssociation,
}
