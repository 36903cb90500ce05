/** Every resource type the tool can judge: what it charges, or why it costs nothing. A type in neither is named as unpriced. */

import type { Pricers } from '../charge.ts';
import { computePricers } from './compute.ts';
import { databasePricers } from './database.ts';
import { functionPricers } from './functions.ts';
import { networkPricers } from './network.ts';
import { statePricers } from './state.ts';
import { storagePricers } from './storage.ts';
import { watchingPricers } from './watching.ts';

export const pricers: Pricers = {
  ...databasePricers,
  ...computePricers,
  ...networkPricers,
  ...storagePricers,
  ...functionPricers,
  ...statePricers,
  ...watchingPricers,
};

/** Why a type costs nothing of its own; for a type with a pricer, why one of its resources may. */
export const freeTypes: Readonly<Record<string, string>> = {
  'AWS::EC2::VPC': network(),
  'AWS::EC2::VPCCidrBlock': network(),
  'AWS::EC2::Subnet': network(),
  'AWS::EC2::SubnetCidrBlock': network(),
  'AWS::EC2::RouteTable': network(),
  'AWS::EC2::Route': network(),
  'AWS::EC2::SubnetRouteTableAssociation': network(),
  'AWS::EC2::InternetGateway': network(),
  'AWS::EC2::EgressOnlyInternetGateway': network(),
  'AWS::EC2::VPCGatewayAttachment': network(),
  'AWS::EC2::SecurityGroup': network(),
  'AWS::EC2::SecurityGroupIngress': network(),
  'AWS::EC2::SecurityGroupEgress': network(),
  'AWS::EC2::NetworkAcl': network(),
  'AWS::EC2::NetworkAclEntry': network(),
  'AWS::EC2::DHCPOptions': network(),
  'AWS::EC2::PrefixList': network(),
  'AWS::EC2::FlowLog': 'what it writes is charged as logs',
  'AWS::EC2::VPCEndpoint': 'a gateway endpoint is free',
  'AWS::EC2::LaunchTemplate': 'instances are charged with their group',
  'AWS::AutoScaling::LaunchConfiguration': 'instances are charged with their group',
  'AWS::AutoScaling::LifecycleHook': 'part of its group',
  'AWS::AutoScaling::ScalingPolicy': 'its alarms stand in the template',
  'AWS::AutoScaling::ScheduledAction': 'part of its group',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'part of its load balancer',
  'AWS::ElasticLoadBalancingV2::Listener': 'part of its load balancer',
  'AWS::ElasticLoadBalancingV2::ListenerRule': 'part of its load balancer',
  'AWS::ElasticLoadBalancingV2::ListenerCertificate': 'part of its load balancer',
  'AWS::CertificateManager::Certificate': 'public certificates are free',
  'AWS::RDS::DBParameterGroup': 'settings of a database',
  'AWS::RDS::DBSubnetGroup': 'settings of a database',
  'AWS::RDS::OptionGroup': 'settings of a database',
  'AWS::S3::BucketPolicy': 'part of its bucket',
  'AWS::IAM::Role': identity(),
  'AWS::IAM::Policy': identity(),
  'AWS::IAM::ManagedPolicy': identity(),
  'AWS::IAM::InstanceProfile': identity(),
  'AWS::IAM::User': identity(),
  'AWS::IAM::Group': identity(),
  'AWS::IAM::OIDCProvider': identity(),
  'AWS::Lambda::Permission': 'part of its function',
  'AWS::Lambda::Url': 'part of its function: what it is asked by it is charged as invocations',
  'AWS::Lambda::EventSourceMapping': 'off, or its source is charged elsewhere',
  'AWS::Lambda::EventInvokeConfig': 'part of its function',
  'AWS::Lambda::LayerVersion': 'part of its functions',
  'AWS::Lambda::Version': 'part of its function',
  'AWS::Events::Rule': "events of AWS and schedules are free; a bus of one's own is charged",
  'AWS::Events::EventBusPolicy': 'part of its bus',
  'AWS::Scheduler::ScheduleGroup': 'schedules are charged',
  'AWS::SQS::QueuePolicy': 'part of its queue',
  'AWS::SNS::Subscription': 'deliveries are charged with the topic',
  'AWS::SNS::TopicPolicy': 'part of its topic',
  'AWS::SSM::Parameter': 'standard parameters are free',
  'AWS::KMS::Alias': 'part of its key',
  'AWS::SecretsManager::ResourcePolicy': 'part of its secret',
  'AWS::SecretsManager::SecretTargetAttachment': 'part of its secret',
  'AWS::Logs::LogGroup': 'what it takes in is charged as logs',
  'AWS::Logs::MetricFilter': 'its metrics are counted as custom metrics',
  'AWS::Route53::RecordSet': 'queries are charged with the zone; for an alias to a load balancer they are free',
  'AWS::Route53::RecordSetGroup': 'queries are charged with the zone',
  'AWS::GlobalAccelerator::Listener': 'part of its accelerator',
  'AWS::GlobalAccelerator::EndpointGroup': 'part of its accelerator',
  'AWS::WAFv2::WebACLAssociation': 'part of its web ACL',
  'AWS::CloudFormation::WaitConditionHandle': 'part of its stack',
  'AWS::CloudFormation::CustomResource': "its function's runs are a handful",
  'AWS::CDK::Metadata': 'a note, not a resource',
  'Custom::PilotLightInstall': 'made once by the install function',
};

/** Custom resources are functions that run when a stack changes. */
export const isCustom = (type: string): boolean => type.startsWith('Custom::');

function network(): string {
  return 'networks are free';
}

function identity(): string {
  return 'IAM is free';
}
