/** Instances as EC2 describes them, and their status checks. */

import type {
  DescribeInstanceStatusCommandInput,
  DescribeInstanceStatusCommandOutput,
  DescribeInstancesCommandInput,
  DescribeInstancesCommandOutput,
  Instance,
  InstanceStatus,
  SummaryStatus,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { matching } from './filters.ts';
import { rootDevice } from './images.ts';
import { instanceOf, stateCode } from './instance-lookup.ts';
import type { InstanceRow } from './machine-rows.ts';
import { machineTables } from './machine-rows.ts';
import { page } from './pages.ts';
import { ec2Tables } from './rows.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { tagList, tagsOf } from './tags.ts';

export function describeInstancesOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    DescribeInstances: strictOperation<DescribeInstancesCommandInput, Answer<DescribeInstancesCommandOutput>>({
      name: 'DescribeInstances',
      members: ['InstanceIds', 'Filters', 'NextToken', 'MaxResults'],
      handle(input, call) {
        const rows = matching(
          instancesNamed(core, call.region, input.InstanceIds),
          input.Filters,
          filters(core),
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        const byReservation = new Map<string, InstanceRow[]>();
        for (const row of cut.rows)
          byReservation.set(row.reservationId, [...(byReservation.get(row.reservationId) ?? []), row]);
        return {
          Reservations: [...byReservation].map(([ReservationId, group]) => ({
            ReservationId,
            OwnerId: core.account,
            RequesterId: group[0]?.requester,
            Groups: [],
            Instances: group.map((row) => describeInstance(core, call.region, row)),
          })),
          NextToken: cut.nextToken,
        };
      },
    }),
    DescribeInstanceStatus: strictOperation<
      DescribeInstanceStatusCommandInput,
      Answer<DescribeInstanceStatusCommandOutput>
    >({
      name: 'DescribeInstanceStatus',
      members: ['InstanceIds', 'Filters', 'NextToken', 'MaxResults', 'IncludeAllInstances'],
      handle(input, call) {
        const all = instancesNamed(core, call.region, input.InstanceIds);
        const shown = input.IncludeAllInstances === true ? all : all.filter((row) => row.state === 'running');
        const rows = matching(shown, input.Filters, {
          'instance-state-name': (row) => row.state,
          'instance-status.status': statusOf,
          'system-status.status': (row) => (row.state === 'running' ? 'ok' : 'not-applicable'),
          'availability-zone': (row) => row.zone,
        });
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { InstanceStatuses: cut.rows.map(describeStatus), NextToken: cut.nextToken };
      },
    }),
  };
}

function instancesNamed(core: SandboxCore, region: string, ids: readonly string[] | undefined): InstanceRow[] {
  if (ids !== undefined && ids.length > 0) return ids.map((id) => instanceOf(core, region, id));
  return machineTables(core, region).instances.values();
}

const filters = (core: SandboxCore) => ({
  'instance-id': (row: InstanceRow) => row.id,
  'instance-state-name': (row: InstanceRow) => row.state,
  'instance-state-code': (row: InstanceRow) => String(stateCode[row.state]),
  'instance-type': (row: InstanceRow) => row.instanceType,
  'image-id': (row: InstanceRow) => row.imageId,
  'vpc-id': (row: InstanceRow) => row.vpcId,
  'subnet-id': (row: InstanceRow) => row.subnetId,
  'availability-zone': (row: InstanceRow) => row.zone,
  'private-ip-address': (row: InstanceRow) => row.privateAddress,
  'reservation-id': (row: InstanceRow) => row.reservationId,
  'client-token': (row: InstanceRow) => row.clientToken,
  'iam-instance-profile.arn': (row: InstanceRow) => row.profileArn,
  'instance.group-id': (row: InstanceRow) => row.groupIds,
  'network-interface.network-interface-id': (row: InstanceRow) => row.interfaceId,
  'owner-id': () => core.account,
  'launch-time': (row: InstanceRow) => new Date(row.launchedAt).toISOString(),
});

export function describeInstance(core: SandboxCore, region: string, row: InstanceRow): Instance {
  const gone = row.state === 'terminated';
  const { securityGroups } = ec2Tables(core, region);
  const groups = row.groupIds.map((GroupId) => ({ GroupId, GroupName: securityGroups.get(GroupId)?.name ?? '' }));
  return {
    InstanceId: row.id,
    ImageId: row.imageId,
    InstanceType: row.instanceType as 't3.micro',
    State: { Code: stateCode[row.state], Name: row.state },
    ...(row.reason === undefined
      ? {}
      : {
          StateReason: { Code: row.reason.code, Message: row.reason.message },
          StateTransitionReason: row.reason.message,
        }),
    LaunchTime: new Date(row.launchedAt),
    AmiLaunchIndex: row.launchIndex,
    ClientToken: row.clientToken,
    KeyName: row.keyName,
    Placement: { AvailabilityZone: row.zone, Tenancy: 'default', GroupName: '' },
    Architecture: 'x86_64',
    Hypervisor: 'xen',
    VirtualizationType: 'hvm',
    PlatformDetails: 'Linux/UNIX',
    RootDeviceName: rootDevice,
    RootDeviceType: 'ebs',
    EbsOptimized: false,
    EnaSupport: true,
    Monitoring: { State: row.monitoring ? 'enabled' : 'disabled' },
    MetadataOptions: {
      State: 'applied',
      HttpTokens: row.tokensRequired ? 'required' : 'optional',
      HttpPutResponseHopLimit: 2,
      HttpEndpoint: 'enabled',
    },
    ...(row.profileArn === undefined
      ? {}
      : { IamInstanceProfile: { Arn: row.profileArn, Id: row.profileArn.split('/').at(-1) } }),
    SecurityGroups: gone ? [] : groups,
    ...(gone
      ? {}
      : {
          VpcId: row.vpcId,
          SubnetId: row.subnetId,
          PrivateIpAddress: row.privateAddress,
          PrivateDnsName: `ip-${row.privateAddress.replaceAll('.', '-')}.${region}.compute.internal`,
          ...(row.publicAddress === undefined ? {} : { PublicIpAddress: row.publicAddress }),
        }),
    BlockDeviceMappings: gone
      ? []
      : [
          {
            DeviceName: rootDevice,
            Ebs: {
              VolumeId: row.volumeId,
              Status: 'attached',
              DeleteOnTermination: true,
              AttachTime: new Date(row.launchedAt),
            },
          },
        ],
    NetworkInterfaces: gone
      ? []
      : [
          {
            NetworkInterfaceId: row.interfaceId,
            VpcId: row.vpcId,
            SubnetId: row.subnetId,
            OwnerId: core.account,
            PrivateIpAddress: row.privateAddress,
            Groups: groups,
            Status: 'in-use',
            InterfaceType: 'interface',
            SourceDestCheck: true,
          },
        ],
    SourceDestCheck: true,
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}

const statusOf = (row: InstanceRow): string => (row.state === 'running' ? row.status : 'not-applicable');

function describeStatus(row: InstanceRow): InstanceStatus {
  const instance = statusOf(row) as SummaryStatus;
  const system: SummaryStatus = row.state === 'running' ? 'ok' : 'not-applicable';
  const reachability = { ok: 'passed', impaired: 'failed', initializing: 'initializing' } as const;
  const details = (status: SummaryStatus) =>
    status === 'ok' || status === 'impaired' || status === 'initializing'
      ? [{ Name: 'reachability' as const, Status: reachability[status] }]
      : [];
  return {
    InstanceId: row.id,
    AvailabilityZone: row.zone,
    InstanceState: { Code: stateCode[row.state], Name: row.state },
    InstanceStatus: { Status: instance, Details: details(instance) },
    SystemStatus: { Status: system, Details: details(system) },
  };
}
