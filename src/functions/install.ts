/**
 * What no template may own, because a failover changes it: pointers, role parameters, secure parameters, the reverse replication rule,
 * the database's own objects. A custom resource that acts when it is created, and takes back on deletion only what would be in the way;
 * updates change nothing, so no update needs the other Region.
 */

import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { clientsFor } from '../aws/clients.ts';
import type { Base } from '../engines/base.ts';
import { groupOf } from '../engines/compute/group.ts';
import type { Parameters } from '../engines/parameters/parameters.ts';
import { acceleratorControlPlane } from '../engines/traffic/accelerator-latch.ts';
import { balancerArn } from '../engines/traffic/balancer.ts';
import type { EndpointGroupSpec } from '../engines/traffic/endpoint-groups.ts';
import { makeEndpointGroups, removeEndpointGroups } from '../engines/traffic/endpoint-groups.ts';
import { messageOf, terminalError } from '../kernel/errors.ts';
import { readAuthority } from '../state/authority.ts';
import type { Side } from '../workload/judged.ts';
import { regionOf } from '../workload/judged.ts';
import type { Names } from '../workload/names.ts';
import { replicationRule } from '../workload/names.ts';
import { ownSide, surroundings } from './surroundings.ts';

/** Nothing here is in the way of a recovery; and the first SQL through a function that has just been made takes its time. */
const patience = 30_000;

/** `ResourceProperties` of `Custom::PilotLightInstall`, told apart by `Kind`. Values arrive as strings. */
export type InstallProperties =
  | {
      readonly Kind: 'parameter';
      readonly Name: string;
      readonly Value: string;
      readonly Type: 'String' | 'SecureString';
      readonly DataType?: string;
    }
  | {
      readonly Kind: 'replication';
      readonly Bucket: string;
      readonly Region: string;
      readonly Destination: string;
      readonly Role: string;
      readonly DestinationKey: string;
    }
  /** A secret made here, and known to nobody who deploys. */
  | { readonly Kind: 'key'; readonly Name: string }
  | { readonly Kind: 'database' }
  | { readonly Kind: 'accelerator' }
  | { readonly Kind: 'capacity'; readonly Group: string; readonly Desired: string };

interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: InstallProperties & { readonly ServiceToken: string };
}

export async function install(event: CustomResourceEvent): Promise<void> {
  const properties = event.ResourceProperties;
  const identity = event.PhysicalResourceId ?? identityOf(properties);
  try {
    if (event.RequestType === 'Create') await create(properties);
    if (event.RequestType === 'Delete') await remove(properties);
    await respond(event, identity, 'SUCCESS', '');
  } catch (error) {
    await respond(event, identity, 'FAILED', messageOf(error));
  }
}

function identityOf(properties: InstallProperties): string {
  switch (properties.Kind) {
    case 'parameter':
    case 'key':
      return properties.Name;
    case 'replication':
      return `${properties.Bucket}/reverse`;
    case 'database':
      return 'database-objects';
    case 'accelerator':
      return 'endpoint-groups';
    case 'capacity':
      return `${properties.Group}/capacity`;
  }
}

async function create(properties: InstallProperties): Promise<void> {
  const base = surroundings(patience);
  const own = ownSide(base.workload);
  switch (properties.Kind) {
    case 'parameter': {
      const { parameters } = base.on(own);
      // Standing already: a failover or upkeep has moved it, and its value is the live one.
      if ((await parameters.get(properties.Name)) !== undefined) return;
      await parameters.put({
        name: properties.Name,
        value: properties.Value,
        type: properties.Type,
        keyId: base.names.keyAlias,
        ...(properties.DataType === undefined ? {} : { dataType: properties.DataType }),
      });
      return;
    }
    case 'key': {
      const { parameters } = base.on(own);
      if ((await parameters.get(properties.Name)) !== undefined) return;
      const value = base.ids.hex(64);
      return parameters.put({ name: properties.Name, value, type: 'SecureString', keyId: base.names.keyAlias });
    }
    case 'replication': {
      const { PutBucketReplicationCommand } = await import('@aws-sdk/client-s3');
      const client = await clientsFor(properties.Region, { requestTimeout: patience }).s3();
      await client.send(
        new PutBucketReplicationCommand({
          Bucket: properties.Bucket,
          ReplicationConfiguration: {
            Role: properties.Role,
            Rules: [
              {
                ID: replicationRule('primary'),
                Priority: 1,
                Status: 'Enabled',
                Filter: { Prefix: '' },
                DeleteMarkerReplication: { Status: 'Enabled' },
                SourceSelectionCriteria: {
                  SseKmsEncryptedObjects: { Status: 'Enabled' },
                  ReplicaModifications: { Status: 'Enabled' },
                },
                Destination: {
                  Bucket: properties.Destination,
                  EncryptionConfiguration: { ReplicaKmsKeyID: properties.DestinationKey },
                  Metrics: { Status: 'Enabled' },
                },
              },
            ],
          },
        }),
      );
      return;
    }
    case 'accelerator':
      return makeGroups(base);
    case 'capacity':
      // Deployed anew on a side that isn't the active one, its group stays empty.
      if ((await readAuthority(base.store).catch(() => ({ active: 'primary' }))).active !== own) return;
      return groupOf(base.on(own).clients, properties.Group).want(Number(properties.Desired));
    case 'database': {
      const { epoch } = await readAuthority(base.store).catch(() => ({ epoch: 1 }));
      await base.on(own).sql.ask({ ask: 'install', epoch, leased: base.workload.witness !== undefined });
      return;
    }
  }
}

/** Parameters are removed with their stack; the database's objects go with the database, the rule with its bucket. */
async function remove(properties: InstallProperties): Promise<void> {
  if (properties.Kind === 'parameter' || properties.Kind === 'key')
    await surroundings(patience)
      .on(ownSide(surroundings(patience).workload))
      .parameters.remove(properties.Name);
  if (properties.Kind === 'accelerator') await removeGroups(surroundings(patience));
  if (properties.Kind === 'replication') {
    const { DeleteBucketReplicationCommand } = await import('@aws-sdk/client-s3');
    await (await clientsFor(properties.Region, { requestTimeout: patience }).s3()).send(
      new DeleteBucketReplicationCommand({ Bucket: properties.Bucket }),
    );
  }
}

/** Both load balancers stand by now, and only now. */
async function makeGroups({ workload, names, on, store }: Base): Promise<void> {
  const { parameters } = on('recovery');
  const { active } = await readAuthority(store);
  const specOn = async (side: Side): Promise<EndpointGroupSpec> => {
    const balancer = await balancerArn(on(side).clients, names.loadBalancer);
    if (balancer === undefined) throw terminalError(`There is no load balancer in the ${side} Region.`);
    return { region: regionOf(workload, side), balancer, dial: side === active ? 100 : 0 };
  };
  const [primary, recovery] = await Promise.all([specOn('primary'), specOn('recovery')]);
  const groups = await makeEndpointGroups(await acceleratorClient(), await listenerIn(parameters, names), {
    primary,
    recovery,
  });
  await parameters.put({ name: names.acceleratorGroups, value: JSON.stringify(groups), type: 'String' });
}

async function removeGroups({ names, on }: Base): Promise<void> {
  const { parameters } = on('recovery');
  const listener = await parameters.get(names.acceleratorListener);
  // Gone with its accelerator, or never made.
  if (listener?.Value === undefined) return;
  await removeEndpointGroups(await acceleratorClient(), listener.Value);
  await parameters.remove(names.acceleratorGroups);
}

const acceleratorClient = () => clientsFor(acceleratorControlPlane, { requestTimeout: patience }).globalAccelerator();

async function listenerIn(parameters: Parameters, { acceleratorListener }: Names): Promise<string> {
  const found = (await parameters.get(acceleratorListener))?.Value;
  if (found === undefined) throw terminalError(`There is no parameter ${acceleratorListener}.`);
  return found;
}

function respond(
  event: CustomResourceEvent,
  identity: string,
  status: 'SUCCESS' | 'FAILED',
  reason: string,
): Promise<void> {
  const { ResponseURL, StackId, RequestId, LogicalResourceId } = event;
  const body = JSON.stringify({
    Status: status,
    Reason: reason,
    PhysicalResourceId: identity,
    StackId,
    RequestId,
    LogicalResourceId,
  });
  const send = ResponseURL.startsWith('http:') ? requestHttp : requestHttps;
  return new Promise((resolve, reject) => {
    const sent = send(
      ResponseURL,
      { method: 'PUT', headers: { 'content-type': '', 'content-length': Buffer.byteLength(body) } },
      (response) => {
        response.resume();
        response.on('end', () =>
          (response.statusCode ?? 500) < 300
            ? resolve()
            : reject(terminalError(`CloudFormation refused the answer: ${response.statusCode}.`)),
        );
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}
