/** RunInstances: from a request to pending instances. */

import type { Reservation, RunInstancesCommandInput } from '@aws-sdk/client-ec2';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { inNameOf } from '../../contract.ts';
import { linkedSession } from '../iam/service-linked-roles.ts';
import { publicAddress } from './addresses.ts';
import { askNew, askOn } from './asks.ts';
import { capacityFor } from './capacity.ts';
import { describeInstance } from './describe-instances.ts';
import type { Asker } from './disk-keys.ts';
import { defaultKey, keyForDisk } from './disk-keys.ts';
import { invalidParameter } from './errors.ts';
import type { InstanceLifecycle } from './instance-lifecycle.ts';
import { askToPass } from './instance-profiles.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { launchSpec, requestedData } from './launch-spec.ts';
import { askOnTemplate } from './launch-templates.ts';
import type { InstanceRow } from './machine-rows.ts';
import { machineTables } from './machine-rows.ts';
import { registerInterface } from './network-interfaces.ts';
import { newId } from './rows.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, tagNew } from './tags.ts';

export function runInstancesOperation(core: SandboxCore, lifecycle: InstanceLifecycle): AnyOperation {
  return strictOperation<RunInstancesCommandInput, Reservation>({
    name: 'RunInstances',
    members: [
      'ImageId',
      'InstanceType',
      'MinCount',
      'MaxCount',
      'SubnetId',
      'SecurityGroupIds',
      'NetworkInterfaces',
      'IamInstanceProfile',
      'UserData',
      'LaunchTemplate',
      'TagSpecifications',
      'ClientToken',
      'MetadataOptions',
      'BlockDeviceMappings',
      'EbsOptimized',
      'Monitoring',
      'KeyName',
      'DisableApiTermination',
      'CreditSpecification',
    ],
    authorize: (input, call) => launchAsks(core, call, input),
    async handle(input, call) {
      checkSpecifications(input.TagSpecifications, ['instance', 'volume', 'network-interface']);
      const earlier = launchedBefore(core, call, input.ClientToken);
      if (earlier.length > 0) return reservation(core, call, earlier);
      const spec = await launchSpec(core, call, input);
      const count = capacityFor(core, call.region, spec.instanceType, spec.subnet.zone, countsOf(input));
      const reservationId = newId(core, 'r');
      const volumeIds = Array.from({ length: count }, () => newId(core, 'vol'));
      const disk = await launchKey(core, call, spec, volumeIds[0] ?? '');
      const rows = volumeIds.map((volumeId, index) => {
        const own = { reservationId, index, volumeId, disk, clientToken: input.ClientToken };
        const row = createInstance(core, call, spec, own);
        lifecycle.launch(call.region, row.id);
        return row;
      });
      machineTables(core, call.region).images.update(spec.image.id, (image) => ({
        ...image,
        lastLaunchedAt: core.region(call.region).clock.now(),
      }));
      return reservation(core, call, rows);
    },
  });
}

/** The questions of a launch. Who launches from a template needs the rights on everything in it. */
export function launchAsks(core: SandboxCore, call: Call, input: RunInstancesCommandInput): Ask[] {
  const data = safeData(core, call.region, input);
  const image = data.ImageId?.startsWith('ami-') ? data.ImageId : undefined;
  const groups = data.NetworkInterfaces?.[0]?.Groups ?? data.SecurityGroupIds ?? [];
  const { LaunchTemplate: template } = input;
  const context = {
    'ec2:InstanceType': data.InstanceType ?? 'm1.small',
    'ec2:IsLaunchTemplateResource': String(template !== undefined),
  };
  const born = ['instance', 'volume', 'network-interface'].flatMap((kind) =>
    askNew(call, 'RunInstances', kind, data.TagSpecifications),
  );
  return [
    ...born.map((ask) => ({ ...ask, context: { ...ask.context, ...context } })),
    askOn(core, call, 'RunInstances', 'image', image, context),
    askOn(core, call, 'RunInstances', 'subnet', input.SubnetId ?? data.NetworkInterfaces?.[0]?.SubnetId, context),
    ...groups.map((id) => askOn(core, call, 'RunInstances', 'security-group', id, context)),
    ...(template === undefined ? [] : [{ ...askOnTemplate(core, call, 'RunInstances', template), context }]),
    ...(data.KeyName === undefined ? [] : [askOn(core, call, 'RunInstances', 'key-pair', data.KeyName, context)]),
    ...askToPass(core, data.IamInstanceProfile),
  ];
}

/** A template that doesn't exist is refused by the call itself, after IAM. */
function safeData(core: SandboxCore, region: string, input: RunInstancesCommandInput) {
  try {
    return requestedData(core, region, input);
  } catch {
    return requestedData(core, region, { ...input, LaunchTemplate: undefined });
  }
}

/** A repeated call with the same token answers what the first one launched. */
function launchedBefore(core: SandboxCore, call: Call, token: string | undefined): InstanceRow[] {
  if (token === undefined) return [];
  return machineTables(core, call.region)
    .instances.values()
    .filter((row) => row.clientToken === token);
}

function countsOf(input: RunInstancesCommandInput): { least: number; most: number } {
  const least = input.MinCount ?? 1;
  const most = input.MaxCount ?? least;
  if (least >= 1 && most >= least) return { least, most };
  throw invalidParameter(`Value (${least} to ${most}) for parameter minCount, maxCount is invalid.`);
}

/** The key of the new disks, asked for in the launcher's name; Auto Scaling launches in that of its service-linked role. */
async function launchKey(core: SandboxCore, call: Call, spec: LaunchSpec, diskId: string): Promise<Disk> {
  const snapshot = machineTables(core, call.region).snapshots.get(spec.image.snapshotId);
  const encrypted = spec.encryption.encrypted || (snapshot?.encrypted ?? false);
  if (!encrypted) return { encrypted };
  const from =
    snapshot?.kmsKeyId === undefined
      ? undefined
      : { region: call.region, snapshotId: snapshot.id, key: snapshot.kmsKeyId };
  const key = spec.encryption.kmsKeyId ?? snapshot?.kmsKeyId ?? defaultKey;
  const { arn, problem } = await keyForDisk(core, launcher(core, call), { region: call.region, key, diskId, from });
  if (problem === undefined) return { encrypted, kmsKeyId: arn };
  const text = `instances of ${spec.image.id} are terminated at launch: ${problem}`;
  core.log({ service: 'ec2', region: call.region, text });
  return { encrypted, kmsKeyId: arn, keyProblem: problem };
}

function launcher(core: SandboxCore, call: Call): Asker {
  if (call.principal.kind !== 'internal') return inNameOf(call, 'ec2');
  if (call.principal.service !== 'autoscaling') return undefined;
  return { principal: linkedSession(core, 'autoscaling.amazonaws.com'), calledVia: ['ec2'] };
}

type Disk = Pick<InstanceRow, 'encrypted' | 'kmsKeyId' | 'keyProblem'>;

interface Own {
  readonly reservationId: string;
  readonly index: number;
  readonly volumeId: string;
  readonly disk: Disk;
  readonly clientToken: string | undefined;
}

function createInstance(
  core: SandboxCore,
  call: Call,
  spec: LaunchSpec,
  { reservationId, index, volumeId, disk, clientToken }: Own,
): InstanceRow {
  const { instances, snapshots } = machineTables(core, call.region);
  const id = newId(core, 'i');
  const address = core.network.allocate(call.region);
  const nic = registerInterface(core, {
    region: call.region,
    kind: 'instance',
    subnetId: spec.subnet.id,
    securityGroupIds: spec.securityGroupIds,
    address,
    description: '',
    ...(spec.publicAddress ? { publicAddress: publicAddress(core) } : {}),
  });
  const snapshot = snapshots.get(spec.image.snapshotId);
  const row: InstanceRow = {
    id,
    reservationId,
    requester: call.principal.arn,
    launchIndex: index,
    imageId: spec.image.id,
    command: spec.image.command,
    instanceType: spec.instanceType,
    state: 'pending',
    launchedAt: core.region(call.region).clock.now(),
    vpcId: nic.vpcId,
    subnetId: nic.subnetId,
    zone: spec.subnet.zone,
    groupIds: nic.groupIds,
    interfaceId: nic.id,
    privateAddress: nic.privateAddress,
    address,
    volumeId,
    ...disk,
    terminationProtected: spec.terminationProtected,
    monitoring: spec.monitoring,
    tokensRequired: spec.tokensRequired,
    boot: 0,
    status: 'initializing',
    hangs: core.faults.standing('broken-image').some((fault) => fault.region === call.region),
    ...(snapshot?.folder === undefined ? {} : { imageFolder: snapshot.folder }),
    ...(nic.publicAddress === undefined ? {} : { publicAddress: nic.publicAddress }),
    ...(clientToken === undefined ? {} : { clientToken }),
    ...(spec.profileArn === undefined ? {} : { profileArn: spec.profileArn }),
    ...(spec.userData === undefined ? {} : { userData: spec.userData }),
    ...(spec.keyName === undefined ? {} : { keyName: spec.keyName }),
  };
  instances.put(id, row);
  tagNew(core, call.region, id, spec.instanceTags);
  tagNew(core, call.region, row.volumeId, spec.volumeTags);
  tagNew(core, call.region, row.interfaceId, spec.interfaceTags);
  return row;
}

const reservation = (core: SandboxCore, call: Call, rows: readonly InstanceRow[]): Reservation => ({
  ReservationId: rows[0]?.reservationId,
  OwnerId: core.account,
  RequesterId: rows[0]?.requester,
  Groups: [],
  Instances: rows.map((row) => describeInstance(core, call.region, row)),
});
