/** Endpoint groups: load balancers of a Region, and how much of what comes there they get. */

import type {
  AddEndpointsCommandInput,
  AddEndpointsCommandOutput,
  CreateEndpointGroupCommandInput,
  CreateEndpointGroupCommandOutput,
  DeleteEndpointGroupCommandInput,
  DescribeEndpointGroupCommandInput,
  DescribeEndpointGroupCommandOutput,
  EndpointConfiguration,
  ListEndpointGroupsCommandInput,
  ListEndpointGroupsCommandOutput,
  RemoveEndpointsCommandInput,
  UpdateEndpointGroupCommandInput,
  UpdateEndpointGroupCommandOutput,
} from '@aws-sdk/client-global-accelerator';
import { isRegion } from '../../../facts/regions.ts';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { Answer } from '../ec2/supported-members.ts';
import { strictOperation } from '../ec2/supported-members.ts';
import { balancingTables } from '../elasticloadbalancing/rows.ts';
import { askOn } from './asks.ts';
import type { Deployment } from './deployment.ts';
import { pageOf } from './pages.ts';
import { acceleratorTables, type EndpointRow, type GroupRow, groupOf, invalid, listenerOf } from './rows.ts';
import { groupShape } from './shapes.ts';

const settings = [
  'EndpointConfigurations',
  'TrafficDialPercentage',
  'HealthCheckPort',
  'HealthCheckProtocol',
  'HealthCheckPath',
  'HealthCheckIntervalSeconds',
  'ThresholdCount',
  'PortOverrides',
] as const;
type Settings = Pick<UpdateEndpointGroupCommandInput, (typeof settings)[number]>;

const mostEndpoints = 10;
const usualWeight = 128;

export function groupOperations(core: SandboxCore, deploys: Deployment): Record<string, AnyOperation> {
  const tables = acceleratorTables(core);
  const { groups } = tables;
  const changed = (row: GroupRow): void => deploys.changed(listenerOf(core, row.listener).accelerator);
  return {
    CreateEndpointGroup: strictOperation<CreateEndpointGroupCommandInput, Answer<CreateEndpointGroupCommandOutput>>({
      name: 'CreateEndpointGroup',
      members: ['ListenerArn', 'EndpointGroupRegion', 'IdempotencyToken', ...settings],
      authorize: (input) => [askOn(core, 'CreateEndpointGroup', input.ListenerArn)],
      handle(input) {
        const { arn: listener, ports } = listenerOf(core, input.ListenerArn);
        const { IdempotencyToken: token = '', EndpointGroupRegion: region = '' } = input;
        const own = groups.values().filter((row) => row.listener === listener);
        const known = own.find((row) => row.token === token);
        if (known !== undefined) return { EndpointGroup: groupShape(known, tables) };
        if (!isRegion(region)) throw invalid(`The endpoint group's Region ${region} is none of AWS's.`);
        if (own.some((row) => row.region === region)) {
          throw new AwsError(
            'EndpointGroupAlreadyExistsException',
            `The listener ${listener} has an endpoint group in ${region}.`,
          );
        }
        const arn = `${listener}/endpoint-group/${core.ids.hex(12)}`;
        const check = { port: ports[0]?.from ?? 0, protocol: 'TCP' as const, intervalSeconds: 30, threshold: 3 };
        const fresh: GroupRow = { arn, listener, token, region, endpoints: [], dial: 100, check, overrides: [] };
        const row = groups.put(arn, withSettings(core, fresh, input));
        changed(row);
        return { EndpointGroup: groupShape(row, tables) };
      },
    }),
    DescribeEndpointGroup: strictOperation<
      DescribeEndpointGroupCommandInput,
      Answer<DescribeEndpointGroupCommandOutput>
    >({
      name: 'DescribeEndpointGroup',
      members: ['EndpointGroupArn'],
      authorize: (input) => [askOn(core, 'DescribeEndpointGroup', input.EndpointGroupArn)],
      handle: (input) => ({ EndpointGroup: groupShape(groupOf(core, input.EndpointGroupArn), tables) }),
    }),
    ListEndpointGroups: strictOperation<ListEndpointGroupsCommandInput, Answer<ListEndpointGroupsCommandOutput>>({
      name: 'ListEndpointGroups',
      members: ['ListenerArn', 'MaxResults', 'NextToken'],
      authorize: (input) => [askOn(core, 'ListEndpointGroups', input.ListenerArn)],
      handle(input) {
        const { arn } = listenerOf(core, input.ListenerArn);
        const { rows, next } = pageOf(
          groups.values().filter((row) => row.listener === arn),
          input,
        );
        return { EndpointGroups: rows.map((row) => groupShape(row, tables)), ...next };
      },
    }),
    UpdateEndpointGroup: strictOperation<UpdateEndpointGroupCommandInput, Answer<UpdateEndpointGroupCommandOutput>>({
      name: 'UpdateEndpointGroup',
      members: ['EndpointGroupArn', ...settings],
      authorize: (input) => [askOn(core, 'UpdateEndpointGroup', input.EndpointGroupArn)],
      handle(input) {
        const row = groupOf(core, input.EndpointGroupArn);
        const next = groups.put(row.arn, withSettings(core, row, input));
        changed(next);
        return { EndpointGroup: groupShape(next, tables) };
      },
    }),
    DeleteEndpointGroup: strictOperation<DeleteEndpointGroupCommandInput, object>({
      name: 'DeleteEndpointGroup',
      members: ['EndpointGroupArn'],
      authorize: (input) => [askOn(core, 'DeleteEndpointGroup', input.EndpointGroupArn)],
      handle(input) {
        const row = groupOf(core, input.EndpointGroupArn);
        groups.delete(row.arn);
        changed(row);
        return {};
      },
    }),
    AddEndpoints: strictOperation<AddEndpointsCommandInput, Answer<AddEndpointsCommandOutput>>({
      name: 'AddEndpoints',
      members: ['EndpointGroupArn', 'EndpointConfigurations'],
      authorize: (input) => [askOn(core, 'AddEndpoints', input.EndpointGroupArn)],
      handle(input) {
        const row = groupOf(core, input.EndpointGroupArn);
        const added = checkedEndpoints(core, row.region, input.EndpointConfigurations);
        const kept = row.endpoints.filter(({ id }) => !added.some((one) => one.id === id));
        const next = groups.put(row.arn, { ...row, endpoints: [...kept, ...added] });
        checkCount(next.endpoints);
        changed(next);
        const { EndpointDescriptions = [] } = groupShape(next, tables);
        return {
          EndpointGroupArn: row.arn,
          EndpointDescriptions: EndpointDescriptions.filter(({ EndpointId }) =>
            added.some(({ id }) => id === EndpointId),
          ),
        };
      },
    }),
    RemoveEndpoints: strictOperation<RemoveEndpointsCommandInput, object>({
      name: 'RemoveEndpoints',
      members: ['EndpointGroupArn', 'EndpointIdentifiers'],
      authorize: (input) => [askOn(core, 'RemoveEndpoints', input.EndpointGroupArn)],
      handle(input) {
        const row = groupOf(core, input.EndpointGroupArn);
        const removed = (input.EndpointIdentifiers ?? []).map(({ EndpointId }) => EndpointId);
        const next = groups.put(row.arn, {
          ...row,
          endpoints: row.endpoints.filter(({ id }) => !removed.includes(id)),
        });
        changed(next);
        return {};
      },
    }),
  };
}

/** The group with what is said changed, and the rest as it was. */
function withSettings(core: SandboxCore, row: GroupRow, input: Settings): GroupRow {
  const dial = input.TrafficDialPercentage ?? row.dial;
  const intervalSeconds = input.HealthCheckIntervalSeconds ?? row.check.intervalSeconds;
  if (!(dial >= 0 && dial <= 100)) throw invalid(`The traffic dial must be from 0 to 100 percent. Given: ${dial}.`);
  if (intervalSeconds !== 10 && intervalSeconds !== 30) {
    throw invalid(`Health is checked every 10 or every 30 seconds. Given: ${intervalSeconds}.`);
  }
  const protocol = input.HealthCheckProtocol ?? row.check.protocol;
  const path = input.HealthCheckPath ?? row.check.path ?? (protocol === 'TCP' ? undefined : '/');
  return {
    ...row,
    endpoints:
      input.EndpointConfigurations === undefined
        ? row.endpoints
        : checkedEndpoints(core, row.region, input.EndpointConfigurations),
    dial,
    check: {
      port: input.HealthCheckPort ?? row.check.port,
      protocol,
      ...(path === undefined ? {} : { path }),
      intervalSeconds,
      threshold: input.ThresholdCount ?? row.check.threshold,
    },
    overrides:
      input.PortOverrides === undefined
        ? row.overrides
        : input.PortOverrides.map(({ ListenerPort: listener = 0, EndpointPort: endpoint = 0 }) => ({
            listener,
            endpoint,
          })),
  };
}

function checkedEndpoints(
  core: SandboxCore,
  region: string,
  given: readonly EndpointConfiguration[] | undefined,
): EndpointRow[] {
  const rows = (given ?? []).map((one) => checkedEndpoint(core, region, one));
  if (new Set(rows.map(({ id }) => id)).size < rows.length) throw invalid('An endpoint is named twice.');
  checkCount(rows);
  return rows;
}

function checkCount(endpoints: readonly EndpointRow[]): void {
  if (endpoints.length <= mostEndpoints) return;
  throw new AwsError(
    'LimitExceededException',
    `An endpoint group has at most ${mostEndpoints} endpoints. Asked for: ${endpoints.length}.`,
  );
}

function checkedEndpoint(core: SandboxCore, region: string, given: EndpointConfiguration): EndpointRow {
  const { EndpointId: id = '', Weight: weight = usualWeight, ClientIPPreservationEnabled: keeps = true } = given;
  const place = /^arn:aws:elasticloadbalancing:([a-z0-9-]+):\d{12}:loadbalancer\/app\//.exec(id)?.[1];
  if (given.AttachmentArn !== undefined || place === undefined) {
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox's accelerators don't support the endpoint ${id || '(none)'}. They support: application load balancers of the account.`,
    );
  }
  if (place !== region) throw invalid(`The endpoint ${id} isn't in the endpoint group's Region, ${region}.`);
  const balancer = core.regions.includes(region) ? balancingTables(core, region).balancers.get(id) : undefined;
  if (balancer?.state !== 'active') throw invalid(`There is no active load balancer ${id}.`);
  if (balancer.scheme !== 'internet-facing') {
    throw new AwsError(
      'UnsupportedOperation',
      "The sandbox's accelerators don't support internal load balancers. They support: internet-facing ones.",
    );
  }
  if (!(weight >= 0 && weight <= 255)) throw invalid(`A weight is from 0 to 255. Given: ${weight}.`);
  return { id, weight, keepsClientAddress: keeps };
}
