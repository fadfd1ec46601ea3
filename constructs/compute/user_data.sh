#!/bin/bash
set -euo pipefail

# Until the runtime takes over, nobody else can tell CloudFormation and Auto Scaling that
# this instance is none; without it they would wait until they run out of time.
failed() {
  echo "user data failed with status $?" >&2
  set +e
  export AWS_DEFAULT_REGION={region}
  metadata=http://169.254.169.254/latest
  token=$(curl -sSf -m 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' $metadata/api/token)
  id=$(curl -sSf -m 5 -H "X-aws-ec2-metadata-token: $token" $metadata/meta-data/instance-id)
  aws cloudformation signal-resource --stack-name {stack} --logical-resource-id {resource} --unique-id "$id" --status FAILURE
  group=$(aws autoscaling describe-auto-scaling-instances --instance-ids "$id" \
    --query 'AutoScalingInstances[0].AutoScalingGroupName' --output text)
  aws autoscaling complete-lifecycle-action --auto-scaling-group-name "$group" \
    --lifecycle-hook-name {hook} --instance-id "$id" --lifecycle-action-result ABANDON
}
trap failed EXIT

install -d -m 0755 {folder}
# The role may be so new that not all of AWS knows it yet.
for pause in 1 2 4 8 16 0; do
  aws s3 cp --only-show-errors --region {region} s3://{artifact} {binary} && break
  sleep $pause
done
echo '{sha256}  {binary}' | sha256sum --check --quiet
chmod 0755 {binary}
{binary} version # one that this machine cannot run fails here, and not in exec, which no trap sees
exec {boot}
