/** VPC endpoints: the ways to an AWS API that don't cross the internet. Gateways are routes, interfaces are addresses in subnets. */

import { createHash } from 'node:crypto';
import type {
  CreateVpcEndpointCommandInput,
  CreateVpcEndpointCommandOutput,
  DeleteVpcEndpointsCommandInput,
  DeleteVpcEndpointsCommandOutput,
  DescribePrefixListsCommandInput,
  DescribePrefixListsCommandOutput,
  DescribeVpcEndpointsCommandInput,
  DescribeVpcEndpointsCommandOutput,
  ModifyVpcEndpointCommandInput,
  ModifyVpcEndpointCommandOutput,
  VpcEndpoint,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { PolicyProblem } from '../../iam/problem.ts';
import { askNew, askOn } from './asks.ts';
import { endpointPending } from './durations.ts';
import { invalidParameter, required } from './errors.ts';
import { matching } from './filters.ts';
import { networkChanged } from './network-changes.ts';
import { registerInterface, regroupInterface, unregisterInterface } from './network-interfaces.ts';
import { page } from './pages.ts';
import { routeTableOf, setRoutes } from './route-tables.ts';
import type { VpcEndpointRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import { subnetOf } from './subnets.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagList, tagNew, tagsOf } from './tags.ts';
import { vpcOf } from './vpcs.ts';

/** AWS offers gateway endpoints for these two only. */
const gatewayServices = ['s3', 'dynamodb'];

export const isGatewayService = (service: string): boolean => gatewayServices.includes(service);

const fullAccess = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}';

export function vpcEndpointOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    CreateVpcEndpoint: strictOperation<CreateVpcEndpointCommandInput, Answer<CreateVpcEndpointCommandOutput>>({
      name: 'CreateVpcEndpoint',
      members: [
        'VpcEndpointType',
        'VpcId',
        'ServiceName',
        'PolicyDocument',
        'RouteTableIds',
        'SubnetIds',
        'SecurityGroupIds',
        'PrivateDnsEnabled',
        'ClientToken',
        'TagSpecifications',
      ],
      authorize: (input, call) => [
        askOn(core, call, 'CreateVpcEndpoint', 'vpc', input.VpcId),
        ...askNew(call, 'CreateVpcEndpoint', 'vpc-endpoint', input.TagSpecifications),
      ],
      handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['vpc-endpoint']);
        const row = createEndpoint(core, call.region, input);
        tagNew(core, call.region, row.id, specified(input.TagSpecifications, 'vpc-endpoint'));
        return { VpcEndpoint: describe(core, call.region, row), ClientToken: input.ClientToken };
      },
    }),
    DescribeVpcEndpoints: strictOperation<DescribeVpcEndpointsCommandInput, Answer<DescribeVpcEndpointsCommandOutput>>({
      name: 'DescribeVpcEndpoints',
      members: ['VpcEndpointIds', 'Filters', 'MaxResults', 'NextToken'],
      handle(input, call) {
        const all =
          input.VpcEndpointIds?.map((id) => endpointOf(core, call.region, id)) ??
          ec2Tables(core, call.region).endpoints.values();
        const rows = matching(
          all,
          input.Filters,
          {
            'vpc-endpoint-id': (row) => row.id,
            'vpc-id': (row) => row.vpcId,
            'service-name': (row) => row.serviceName,
            'vpc-endpoint-type': (row) => row.type,
            'vpc-endpoint-state': (row) => row.state,
          },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { VpcEndpoints: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
    ModifyVpcEndpoint: strictOperation<ModifyVpcEndpointCommandInput, Answer<ModifyVpcEndpointCommandOutput>>({
      name: 'ModifyVpcEndpoint',
      members: [
        'VpcEndpointId',
        'ResetPolicy',
        'PolicyDocument',
        'AddRouteTableIds',
        'RemoveRouteTableIds',
        'AddSubnetIds',
        'RemoveSubnetIds',
        'AddSecurityGroupIds',
        'RemoveSecurityGroupIds',
        'PrivateDnsEnabled',
      ],
      authorize: (input, call) => [askOn(core, call, 'ModifyVpcEndpoint', 'vpc-endpoint', input.VpcEndpointId)],
      handle(input, call) {
        modifyEndpoint(
          core,
          call.region,
          endpointOf(core, call.region, required(input.VpcEndpointId, 'vpcEndpointId')),
          input,
        );
        return { Return: true };
      },
    }),
    DeleteVpcEndpoints: strictOperation<DeleteVpcEndpointsCommandInput, Answer<DeleteVpcEndpointsCommandOutput>>({
      name: 'DeleteVpcEndpoints',
      members: ['VpcEndpointIds'],
      authorize: (input, call) =>
        (input.VpcEndpointIds ?? []).map((id) => askOn(core, call, 'DeleteVpcEndpoints', 'vpc-endpoint', id)),
      handle(input, call) {
        const missing = (input.VpcEndpointIds ?? []).filter((id) => !deleteEndpoint(core, call.region, id));
        return {
          Unsuccessful: missing.map((id) => ({
            ResourceId: id,
            Error: { Code: 'InvalidVpcEndpoint.NotFound', Message: `The Vpc Endpoint Id '${id}' does not exist` },
          })),
        };
      },
    }),
    DescribePrefixLists: strictOperation<DescribePrefixListsCommandInput, Answer<DescribePrefixListsCommandOutput>>({
      name: 'DescribePrefixLists',
      members: ['Filters', 'PrefixListIds'],
      handle(input, call) {
        const all = gatewayServices.map((service) => serviceNameOf(call.region, service));
        const rows = matching(
          all.filter((name) => input.PrefixListIds?.includes(prefixListId(name)) ?? true),
          input.Filters,
          { 'prefix-list-name': (name) => name, 'prefix-list-id': prefixListId },
        );
        return {
          PrefixLists: rows.map((name) => ({ PrefixListId: prefixListId(name), PrefixListName: name, Cidrs: [] })),
        };
      },
    }),
  };
}

export const serviceNameOf = (region: string, service: string): string => `com.amazonaws.${region}.${service}`;

/** The id of the list of a service's addresses: one per service and Region, the same for everybody. */
export const prefixListId = (serviceName: string): string =>
  `pl-${createHash('sha256').update(serviceName).digest('hex').slice(0, 8)}`;

function endpointOf(core: SandboxCore, region: string, id: string): VpcEndpointRow {
  const row = ec2Tables(core, region).endpoints.get(id);
  if (row === undefined) {
    throw new AwsError('InvalidVpcEndpointId.NotFound', `The Vpc Endpoint Id '${id}' does not exist`);
  }
  return row;
}

export function createEndpoint(
  core: SandboxCore,
  region: string,
  input: CreateVpcEndpointCommandInput,
): VpcEndpointRow {
  const vpc = vpcOf(core, region, required(input.VpcId, 'vpcId'));
  const type = input.VpcEndpointType ?? 'Gateway';
  const serviceName = required(input.ServiceName, 'serviceName');
  if (type !== 'Gateway' && type !== 'Interface') {
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox doesn't support VPC endpoints of type ${type}. It supports: Gateway, Interface.`,
    );
  }
  const prefix = serviceNameOf(region, '');
  if (
    !serviceName.startsWith(prefix) ||
    (type === 'Gateway' && !gatewayServices.includes(serviceName.slice(prefix.length)))
  ) {
    throw new AwsError('InvalidServiceName', `The Vpc Endpoint Service '${serviceName}' does not exist`);
  }
  const tables = ec2Tables(core, region);
  const privateDns = type === 'Interface' && (input.PrivateDnsEnabled ?? true);
  if (
    privateDns &&
    tables.endpoints.values().some((row) => row.vpcId === vpc.id && row.serviceName === serviceName && row.privateDns)
  ) {
    throw invalidParameter(
      `private-dns-enabled cannot be set because there is already a conflicting DNS domain for ${serviceName} in the VPC ${vpc.id}`,
    );
  }
  const id = newId(core, 'vpce');
  const groupIds =
    type === 'Gateway'
      ? []
      : (input.SecurityGroupIds?.length ?? 0) > 0
        ? (input.SecurityGroupIds ?? [])
        : [vpc.defaultGroupId];
  const subnetIds = type === 'Gateway' ? [] : (input.SubnetIds ?? []);
  for (const subnetId of subnetIds) subnetOf(core, region, subnetId);
  const routeTableIds = type === 'Gateway' ? (input.RouteTableIds ?? []) : [];
  for (const tableId of routeTableIds) routeTableOf(core, region, tableId);
  const row = tables.endpoints.put(id, {
    id,
    vpcId: vpc.id,
    serviceName,
    type,
    routeTableIds,
    subnetIds,
    groupIds,
    interfaceIds: subnetIds.map((subnetId) => endpointInterface(core, region, id, subnetId, groupIds)),
    privateDns,
    policy: checkedPolicy(input.PolicyDocument) ?? fullAccess,
    state: type === 'Gateway' ? 'available' : 'pending',
    createdAt: core.region(region).clock.now(),
  });
  for (const tableId of routeTableIds) addEndpointRoute(core, region, tableId, row);
  becomeAvailable(core, region, id);
  return row;
}

function becomeAvailable(core: SandboxCore, region: string, id: string): void {
  core.region(region).clock.after(endpointPending, () => {
    ec2Tables(core, region).endpoints.update(id, (old) => ({ ...old, state: 'available' }));
    networkChanged(core, region);
  });
}

/** Goes on with the endpoints of an earlier life that were being made. */
export function resumeVpcEndpoints(core: SandboxCore, region: string): void {
  for (const { id, state } of ec2Tables(core, region).endpoints.values()) {
    if (state === 'pending') becomeAvailable(core, region, id);
  }
}

function checkedPolicy(document: string | undefined): string | undefined {
  if (document === undefined) return undefined;
  try {
    parsePolicy(document, 'resource');
    return document;
  } catch (error) {
    if (error instanceof PolicyProblem) throw new AwsError('InvalidPolicyDocument', error.message);
    throw error;
  }
}

const endpointInterface = (
  core: SandboxCore,
  region: string,
  id: string,
  subnetId: string,
  securityGroupIds: readonly string[],
): string =>
  registerInterface(core, {
    region,
    kind: 'endpoint',
    subnetId,
    securityGroupIds,
    description: `VPC Endpoint Interface ${id}`,
  }).id;

function addEndpointRoute(
  core: SandboxCore,
  region: string,
  tableId: string,
  { id, serviceName }: VpcEndpointRow,
): void {
  const destination = prefixListId(serviceName);
  setRoutes(core, region, tableId, (routes) => [
    ...routes.filter((route) => route.destination !== destination),
    { destination, target: id, origin: 'CreateRoute' },
  ]);
}

function modifyEndpoint(
  core: SandboxCore,
  region: string,
  row: VpcEndpointRow,
  input: ModifyVpcEndpointCommandInput,
): void {
  const { endpoints, interfaces } = ec2Tables(core, region);
  const changed = (old: readonly string[], add: readonly string[] = [], remove: readonly string[] = []): string[] => [
    ...new Set([...old, ...add].filter((id) => !remove.includes(id))),
  ];
  const groupIds = changed(row.groupIds, input.AddSecurityGroupIds, input.RemoveSecurityGroupIds);
  const subnetIds = changed(row.subnetIds, input.AddSubnetIds, input.RemoveSubnetIds);
  const routeTableIds = changed(row.routeTableIds, input.AddRouteTableIds, input.RemoveRouteTableIds);
  const keptInterfaces = row.interfaceIds.filter((id) => subnetIds.includes(interfaces.get(id)?.subnetId ?? ''));
  for (const id of row.interfaceIds.filter((one) => !keptInterfaces.includes(one)))
    unregisterInterface(core, region, id);
  const newInterfaces = subnetIds
    .filter((id) => !row.subnetIds.includes(id))
    .map((id) => endpointInterface(core, region, row.id, id, groupIds));
  for (const id of keptInterfaces) regroupInterface(core, region, id, groupIds);
  const next = endpoints.put(row.id, {
    ...row,
    groupIds,
    subnetIds,
    routeTableIds,
    interfaceIds: [...keptInterfaces, ...newInterfaces],
    privateDns: input.PrivateDnsEnabled ?? row.privateDns,
    policy: input.ResetPolicy === true ? fullAccess : (checkedPolicy(input.PolicyDocument) ?? row.policy),
  });
  for (const id of row.routeTableIds.filter((one) => !routeTableIds.includes(one))) dropRoute(core, region, id, row.id);
  for (const id of routeTableIds) addEndpointRoute(core, region, id, next);
  networkChanged(core, region);
}

const dropRoute = (core: SandboxCore, region: string, tableId: string, endpointId: string): void =>
  setRoutes(core, region, tableId, (routes) => routes.filter((route) => route.target !== endpointId));

function deleteEndpoint(core: SandboxCore, region: string, id: string): boolean {
  const tables = ec2Tables(core, region);
  const row = tables.endpoints.get(id);
  if (row === undefined) return false;
  for (const interfaceId of row.interfaceIds) unregisterInterface(core, region, interfaceId);
  for (const tableId of row.routeTableIds) dropRoute(core, region, tableId, id);
  tables.endpoints.delete(id);
  tables.tags.delete(id);
  networkChanged(core, region);
  return true;
}

function describe(core: SandboxCore, region: string, row: VpcEndpointRow): VpcEndpoint {
  const service = row.serviceName.slice(serviceNameOf(region, '').length);
  return {
    VpcEndpointId: row.id,
    VpcEndpointType: row.type,
    VpcId: row.vpcId,
    ServiceName: row.serviceName,
    State: row.state as 'Available',
    PolicyDocument: row.policy,
    RouteTableIds: [...row.routeTableIds],
    SubnetIds: [...row.subnetIds],
    Groups: row.groupIds.map((id) => ({
      GroupId: id,
      GroupName: ec2Tables(core, region).securityGroups.get(id)?.name,
    })),
    NetworkInterfaceIds: [...row.interfaceIds],
    PrivateDnsEnabled: row.privateDns,
    RequesterManaged: false,
    DnsEntries:
      row.type === 'Gateway'
        ? []
        : [
            {
              DnsName: `${row.id}-${row.id.slice(-8)}.${service}.${region}.vpce.amazonaws.com`,
              HostedZoneId: 'Z7HUB22UULQXV',
            },
          ],
    CreationTimestamp: new Date(row.createdAt),
    OwnerId: core.account,
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}
