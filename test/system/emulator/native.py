"""Native resources: types whose service moto emulates, created in that service for real.

moto's own CloudFormation models translate properties into the service; whatever they
raise fails the resource. Deleting and most updating they do wrongly or not at all,
so those go through the service's API (native_delete, native_update).
"""

import copy

import moto.cloudformation.parsing as parsing
from moto.ec2.models import ec2_backends
from moto.ec2.models.core import TaggedEC2Resource

from . import dynamicref, native_attribute, native_delete, native_update, tags
from .errors import ResourceFailed, is_gone
from .generic import made_up

TYPES = frozenset(
    """
    AWS::AutoScaling::AutoScalingGroup
    AWS::EC2::EIP AWS::EC2::FlowLog AWS::EC2::InternetGateway AWS::EC2::LaunchTemplate
    AWS::EC2::NatGateway AWS::EC2::Route AWS::EC2::RouteTable AWS::EC2::SecurityGroup
    AWS::EC2::Subnet AWS::EC2::VPC AWS::EC2::VPCEndpoint AWS::EC2::VPCGatewayAttachment
    AWS::ECR::Repository
    AWS::EFS::AccessPoint AWS::EFS::FileSystem AWS::EFS::MountTarget
    AWS::ElasticLoadBalancingV2::Listener AWS::ElasticLoadBalancingV2::ListenerRule
    AWS::ElasticLoadBalancingV2::LoadBalancer AWS::ElasticLoadBalancingV2::TargetGroup
    AWS::IAM::InstanceProfile AWS::IAM::ManagedPolicy AWS::IAM::Policy AWS::IAM::Role
    AWS::Logs::LogGroup
    AWS::S3::Bucket
    AWS::SNS::Topic
    AWS::SQS::Queue
    """.split()
)


class NativeProvider:
    name = "native"

    def __init__(self, gaps, clients):
        self._gaps = gaps
        self._clients = clients

    def create(self, resource):
        model = parsing.get_model_map()[resource.type]
        properties = dynamicref.reveal(resource.account, resource.region, copy.deepcopy(resource.properties))
        name_property = model.cloudformation_name_type()
        name = properties.get(name_property) if name_property else None
        name = name or parsing.generate_resource_name(resource.type, resource.stack_name, resource.logical_id)
        try:
            resource.handle = model.create_from_cloudformation_json(
                name,
                {"Type": resource.type, "Properties": properties},
                resource.account,
                resource.region,
                LogicalId=resource.logical_id,
                StackId=resource.stack_id,
                ResourceType=resource.type,
            )
        except Exception as error:
            raise ResourceFailed(f"{type(error).__name__}: {error}") from error
        resource.physical_id = native_attribute.physical_id(resource)
        self._tag(resource)
        native_update.settle(resource)

    def update(self, resource, old, changed):
        updater = native_update.UPDATERS.get(resource.type)
        try:
            left = updater(self._client, resource, changed) if updater else changed
            left = tags.carry(self._client, resource, left)
        except Exception as error:
            raise ResourceFailed(f"{type(error).__name__}: {error}") from error
        for name in left:
            self._gaps.report("update", resource, f"{resource.type}.{name}", "recorded, not carried into the service")

    def delete(self, resource):
        try:
            native_delete.DELETERS[resource.type](self._client, resource)
        except Exception as error:
            if is_gone(error):
                return
            raise ResourceFailed(f"{type(error).__name__}: {error}") from error

    def attribute(self, resource, name):
        value = native_attribute.value(resource, name)
        if value is None:
            self._gaps.report("attribute", resource, f"{resource.type}.{name}", "made up; the service has no value")
            value = made_up(resource, name)
        return value

    def _client(self, service, resource):
        return self._clients.get(service, resource.region)

    def _tag(self, resource):
        """The tags CloudFormation itself puts on what it creates, and the stack's own."""
        if isinstance(resource.handle, TaggedEC2Resource):
            own = {
                **resource.stack_tags,
                "aws:cloudformation:stack-name": resource.stack_name,
                "aws:cloudformation:logical-id": resource.logical_id,
            }
            backend = ec2_backends[resource.account][resource.region]
            backend.create_tags([resource.handle.physical_resource_id], own)
