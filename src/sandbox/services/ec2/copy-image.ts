/**
 * Copies of images between Regions, called in the destination. The data crosses the link: a copy doesn't complete while the source
 * Region can't be reached, and goes on when it can.
 */

import type { CopyImageCommandInput, CopyImageCommandOutput } from '@aws-sdk/client-ec2';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError, inNameOf } from '../../contract.ts';
import { copyFolder, makeFolder, snapshotFolder } from '../../instances/image-folders.ts';
import { arnOf, askNew } from './asks.ts';
import type { DiskKey } from './disk-keys.ts';
import { defaultKey, keyForDisk } from './disk-keys.ts';
import { invalidParameter, required } from './errors.ts';
import { freeName, imageOf, settleImage } from './images.ts';
import type { ImageRow, SnapshotRow } from './machine-rows.ts';
import { machineTables } from './machine-rows.ts';
import { newId } from './rows.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagNew, tagsOf } from './tags.ts';

/** Snapshot copies in progress per destination Region and account. Source: EBS quotas, "concurrent snapshot copies". */
const concurrentCopies = 20;
/** How often a copy that can't reach its source tries again, in milliseconds of AWS time. */
const retryInterval = 5_000;
/** How soon a copy that can't use its keys fails, in milliseconds of AWS time. Not published; an engineering estimate. */
const keyFailure = 10_000;

export function copyImageOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    CopyImage: strictOperation<CopyImageCommandInput, Answer<CopyImageCommandOutput>>({
      name: 'CopyImage',
      members: [
        'SourceRegion',
        'SourceImageId',
        'Name',
        'Description',
        'Encrypted',
        'KmsKeyId',
        'ClientToken',
        'CopyImageTags',
        'TagSpecifications',
      ],
      authorize: (input, call) => [
        ...askNew(call, 'CopyImage', 'image', input.TagSpecifications),
        ...askNew(call, 'CopyImage', 'snapshot', input.TagSpecifications),
        askSource(core, call, input),
      ],
      async handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['image', 'snapshot']);
        const source = {
          region: required(input.SourceRegion, 'sourceRegion'),
          id: required(input.SourceImageId, 'sourceImageId'),
        };
        if (!core.regions.includes(source.region)) throw invalidParameter(`Invalid region name: ${source.region}`);
        const reachable = core.network.reachable(call.region, source.region);
        // A source that can't be reached can't be looked at: what is wrong with it shows when it returns.
        if (reachable) checkSource(core, source.region, source.id);
        checkQuota(core, call.region);
        const row = createCopy(core, call.region, source, input, await copyKey(core, call, source, input));
        tagNew(core, call.region, row.id, {
          ...(input.CopyImageTags === true ? userTags(core, source.region, source.id) : {}),
          ...specified(input.TagSpecifications, 'image'),
        });
        tagNew(core, call.region, row.snapshotId, specified(input.TagSpecifications, 'snapshot'));
        bring(core, call.region, source, row);
        return { ImageId: row.id };
      },
    }),
  };
}

/** The source image lies in another Region, and its ARN says so. Its tags aren't in the question: CopyImage has no key for them. */
function askSource(core: SandboxCore, call: Call, { SourceImageId = '*', SourceRegion }: CopyImageCommandInput): Ask {
  const region = SourceRegion ?? call.region;
  const known = core.regions.includes(region) ? machineTables(core, region).images.get(SourceImageId) : undefined;
  return {
    action: 'ec2:CopyImage',
    resource: arnOf({ account: call.account, region }, 'image', SourceImageId),
    context: {
      'ec2:Region': call.region,
      'ec2:ImageID': SourceImageId,
      ...(known === undefined ? {} : { 'ec2:Owner': known.ownerId }),
    },
  };
}

function bring(core: SandboxCore, region: string, source: Source, row: ImageRow): void {
  if (row.keyProblem !== undefined) {
    core.log({ service: 'ec2', region, text: `the copy ${row.id} can't use its key: ${row.keyProblem}` });
    core.region(region).clock.after(keyFailure, () => settleImage(core, region, row.id, notAccessible));
    return;
  }
  const duration = isIncremental(core, region, row) ? 'ec2_copy_image_incremental' : 'ec2_copy_image_cross_region_8gb';
  core.region(region).clock.after(core.timing.milliseconds(duration), () => finish(core, region, source, row));
}

/** Begins the copies of an earlier life anew: what had been brought over of them doesn't count. */
export function resumeCopies(core: SandboxCore, region: string): void {
  for (const row of machineTables(core, region).images.values()) {
    const { state, sourceInstanceId, sourceImageId: id, sourceImageRegion: from } = row;
    if (state !== 'pending' || sourceInstanceId !== undefined || id === undefined || from === undefined) continue;
    bring(core, region, { region: from, id }, row);
  }
}

interface Source {
  readonly region: string;
  readonly id: string;
}

function checkSource(core: SandboxCore, region: string, id: string): ImageRow {
  const image = imageOf(core, region, id);
  if (image.state !== 'available') {
    throw new AwsError(
      'InvalidAMIID.Unavailable',
      `The image ID '${id}' is not available for copying: its state is ${image.state}`,
    );
  }
  return image;
}

function checkQuota(core: SandboxCore, region: string): void {
  const { images } = machineTables(core, region);
  const copying = images.values().filter((row) => row.state === 'pending' && row.sourceInstanceId === undefined);
  if (copying.length >= concurrentCopies) {
    throw new AwsError(
      'ResourceLimitExceeded',
      `Too many snapshot copies in progress. The limit is ${concurrentCopies} for this destination region.`,
    );
  }
}

/** What EBS says of a key its caller may not use. Source: EC2 API Reference, CopySnapshot. */
const notAccessible = 'Given key ID is not accessible';

/** The key of the copy, used in the caller's name, as the source's is; undefined where nothing is encrypted. */
async function copyKey(
  core: SandboxCore,
  call: Call,
  source: Source,
  input: CopyImageCommandInput,
): Promise<DiskKey | undefined> {
  const original = sourceSnapshot(core, source);
  const encrypted = input.Encrypted === true || input.KmsKeyId !== undefined || (original?.encrypted ?? false);
  if (!encrypted) return undefined;
  const isOpened = original?.kmsKeyId !== undefined && core.network.reachable(call.region, source.region);
  const from = isOpened ? { region: source.region, snapshotId: original.id, key: original.kmsKeyId } : undefined;
  const asker = call.principal.kind === 'internal' ? undefined : inNameOf(call, 'ec2');
  const asked = { region: call.region, key: input.KmsKeyId ?? defaultKey, diskId: original?.id ?? source.id, from };
  return keyForDisk(core, asker, asked);
}

function createCopy(
  core: SandboxCore,
  region: string,
  source: Source,
  input: CopyImageCommandInput,
  key: DiskKey | undefined,
): ImageRow {
  const { images, snapshots } = machineTables(core, region);
  const original = sourceSnapshot(core, source);
  const now = core.region(region).clock.now();
  const id = newId(core, 'ami');
  const snapshotId = newId(core, 'snap');
  const name = freeName(core, region, required(input.Name, 'name'));
  snapshots.put(snapshotId, {
    id: snapshotId,
    // EC2 gives copies a volume id nobody has; the lineage is what counts here.
    volumeId: original?.volumeId ?? 'vol-ffffffff',
    state: 'pending',
    description: `Copied for DestinationAmi ${id} from SourceAmi ${source.id} for SourceSnapshot ${original?.id ?? 'unknown'}. Task created on ${now}.`,
    encrypted: key !== undefined,
    startedAt: now,
    ownerId: core.account,
    owned: true,
    ...(key === undefined ? {} : { kmsKeyId: key.arn }),
  });
  return images.put(id, {
    id,
    name,
    description: input.Description ?? `[Copied ${source.id} from ${source.region}] ${name}`,
    state: 'pending',
    createdAt: now,
    ownerId: core.account,
    isPublic: false,
    snapshotId,
    command: [],
    sourceImageId: source.id,
    sourceImageRegion: source.region,
    ...(key?.problem === undefined ? {} : { keyProblem: key.problem }),
  });
}

function sourceSnapshot(core: SandboxCore, source: Source): SnapshotRow | undefined {
  const { images, snapshots } = machineTables(core, source.region);
  return snapshots.get(images.get(source.id)?.snapshotId ?? '');
}

/** A copy is incremental when the last completed copy of the same volume is still there, under the same key. */
function isIncremental(core: SandboxCore, region: string, row: ImageRow): boolean {
  const { snapshots } = machineTables(core, region);
  const mine = snapshots.get(row.snapshotId);
  return snapshots
    .values()
    .some(
      (other) =>
        other.id !== mine?.id &&
        other.state === 'completed' &&
        other.volumeId === mine?.volumeId &&
        other.kmsKeyId === mine.kmsKeyId &&
        other.description.startsWith('Copied'),
    );
}

function finish(core: SandboxCore, region: string, source: Source, row: ImageRow): void {
  if (!machineTables(core, region).images.has(row.id)) return;
  if (!core.network.reachable(region, source.region)) {
    core.region(region).clock.after(retryInterval, () => finish(core, region, source, row));
    return;
  }
  if (core.faults.standing('stale-image').some((fault) => fault.region === region)) {
    settleImage(core, region, row.id, 'Copy image failed with an internal error.');
    return;
  }
  void core.clock.hold(async () => settleImage(core, region, row.id, await transfer(core, region, source, row)));
}

/** Brings the data over. Answers what went wrong, if anything. */
async function transfer(core: SandboxCore, region: string, source: Source, row: ImageRow): Promise<string | undefined> {
  try {
    const image = checkSource(core, source.region, source.id);
    const original = machineTables(core, source.region).snapshots.get(image.snapshotId);
    if (original === undefined) return `The snapshot ${image.snapshotId} of ${image.id} does not exist`;
    const folder = snapshotFolder(core, region, row.snapshotId);
    if (original.folder === undefined) await makeFolder(folder);
    else await copyFolder(original.folder, folder);
    const { images, snapshots } = machineTables(core, region);
    images.update(row.id, (old) => ({ ...old, command: image.command }));
    snapshots.update(row.snapshotId, (old) => ({ ...old, folder, volumeId: original.volumeId }));
    return undefined;
  } catch (error) {
    return String(error);
  }
}

/** Only the user's own tags are copied. */
const userTags = (core: SandboxCore, region: string, id: string): Record<string, string> =>
  Object.fromEntries(Object.entries(tagsOf(core, region, id)).filter(([key]) => !key.startsWith('aws:')));
