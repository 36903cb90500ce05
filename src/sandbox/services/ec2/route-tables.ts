/** Route tables: where packets of a subnet go. */

import type {
  AssociateRouteTableCommandInput,
  AssociateRouteTableCommandOutput,
  CreateRouteCommandInput,
  CreateRouteCommandOutput,
  CreateRouteTableCommandInput,
  CreateRouteTableCommandOutput,
  DeleteRouteCommandInput,
  DeleteRouteTableCommandInput,
  DescribeRouteTablesCommandInput,
  DescribeRouteTablesCommandOutput,
  DisassociateRouteTableCommandInput,
  ReplaceRouteCommandInput,
  ReplaceRouteTableAssociationCommandInput,
  ReplaceRouteTableAssociationCommandOutput,
  Route,
  RouteTable,
} from '@aws-sdk/client-ec2';
import type { AnyOperation, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { askNew, askOn } from './asks.ts';
import { canonical, parseBlock } from './cidr.ts';
import { dependencyViolation, invalidParameter, missingParameter, notFound, required } from './errors.ts';
import { matching } from './filters.ts';
import { networkChanged } from './network-changes.ts';
import { page } from './pages.ts';
import type { RouteRow, RouteTableRow } from './rows.ts';
import { ec2Tables, newId } from './rows.ts';
import { subnetOf } from './subnets.ts';
import type { Answer } from './supported-members.ts';
import { strictOperation } from './supported-members.ts';
import { checkSpecifications, specified, tagList, tagNew, tagsOf } from './tags.ts';
import { vpcOf } from './vpcs.ts';

export function routeTableOperations(core: SandboxCore): Record<string, AnyOperation> {
  return {
    CreateRouteTable: strictOperation<CreateRouteTableCommandInput, Answer<CreateRouteTableCommandOutput>>({
      name: 'CreateRouteTable',
      members: ['VpcId', 'TagSpecifications', 'ClientToken'],
      authorize: (input, call) => [
        askOn(core, call, 'CreateRouteTable', 'vpc', input.VpcId),
        ...askNew(call, 'CreateRouteTable', 'route-table', input.TagSpecifications),
      ],
      handle(input, call) {
        checkSpecifications(input.TagSpecifications, ['route-table']);
        const vpc = vpcOf(core, call.region, required(input.VpcId, 'vpcId'));
        const id = newId(core, 'rtb');
        const local: RouteRow = { destination: vpc.cidr, target: 'local', origin: 'CreateRouteTable' };
        const row = { id, vpcId: vpc.id, routes: [local], associations: [] };
        ec2Tables(core, call.region).routeTables.put(id, row);
        tagNew(core, call.region, id, specified(input.TagSpecifications, 'route-table'));
        return { RouteTable: describe(core, call.region, row), ClientToken: input.ClientToken };
      },
    }),
    DescribeRouteTables: strictOperation<DescribeRouteTablesCommandInput, Answer<DescribeRouteTablesCommandOutput>>({
      name: 'DescribeRouteTables',
      members: ['Filters', 'RouteTableIds', 'NextToken', 'MaxResults'],
      handle(input, call) {
        const all =
          input.RouteTableIds?.map((id) => routeTableOf(core, call.region, id)) ??
          ec2Tables(core, call.region).routeTables.values();
        const rows = matching(
          all,
          input.Filters,
          {
            'route-table-id': (row) => row.id,
            'vpc-id': (row) => row.vpcId,
            'association.subnet-id': (row) => row.associations.flatMap((one) => one.subnetId ?? []),
            'association.route-table-association-id': (row) => row.associations.map((one) => one.id),
            'association.main': (row) => String(row.associations.some((one) => one.subnetId === undefined)),
            'route.destination-cidr-block': (row) => row.routes.map((route) => route.destination),
            'route.gateway-id': (row) => row.routes.map((route) => route.target),
            'route.nat-gateway-id': (row) => row.routes.map((route) => route.target),
          },
          (row) => tagsOf(core, call.region, row.id),
        );
        const cut = page(rows, input.MaxResults, input.NextToken);
        return { RouteTables: cut.rows.map((row) => describe(core, call.region, row)), NextToken: cut.nextToken };
      },
    }),
    DeleteRouteTable: strictOperation<DeleteRouteTableCommandInput, object>({
      name: 'DeleteRouteTable',
      members: ['RouteTableId'],
      authorize: (input, call) => [askOn(core, call, 'DeleteRouteTable', 'route-table', input.RouteTableId)],
      handle(input, call) {
        const row = routeTableOf(core, call.region, required(input.RouteTableId, 'routeTableId'));
        if (row.associations.length > 0) throw dependencyViolation('routeTable', row.id);
        ec2Tables(core, call.region).routeTables.delete(row.id);
        ec2Tables(core, call.region).tags.delete(row.id);
        return {};
      },
    }),
    CreateRoute: strictOperation<CreateRouteCommandInput, Answer<CreateRouteCommandOutput>>({
      name: 'CreateRoute',
      members: ['RouteTableId', 'DestinationCidrBlock', 'GatewayId', 'NatGatewayId'],
      authorize: (input, call) => [askOn(core, call, 'CreateRoute', 'route-table', input.RouteTableId)],
      handle(input, call) {
        const table = routeTableOf(core, call.region, required(input.RouteTableId, 'routeTableId'));
        const route = routeFrom(core, call.region, table, input);
        const old = table.routes.find((one) => one.destination === route.destination);
        if (old !== undefined && old.target !== route.target) {
          throw new AwsError('RouteAlreadyExists', `The route identified by ${route.destination} already exists.`);
        }
        setRoutes(core, call.region, table.id, (routes) => (old === undefined ? [...routes, route] : routes));
        return { Return: true };
      },
    }),
    ReplaceRoute: strictOperation<ReplaceRouteCommandInput, object>({
      name: 'ReplaceRoute',
      members: ['RouteTableId', 'DestinationCidrBlock', 'GatewayId', 'NatGatewayId'],
      authorize: (input, call) => [askOn(core, call, 'ReplaceRoute', 'route-table', input.RouteTableId)],
      handle(input, call) {
        const table = routeTableOf(core, call.region, required(input.RouteTableId, 'routeTableId'));
        const route = routeFrom(core, call.region, table, input);
        checkRoute(table, route.destination);
        setRoutes(core, call.region, table.id, (routes) =>
          routes.map((one) => (one.destination === route.destination ? route : one)),
        );
        return {};
      },
    }),
    DeleteRoute: strictOperation<DeleteRouteCommandInput, object>({
      name: 'DeleteRoute',
      members: ['RouteTableId', 'DestinationCidrBlock'],
      authorize: (input, call) => [askOn(core, call, 'DeleteRoute', 'route-table', input.RouteTableId)],
      handle(input, call) {
        const table = routeTableOf(core, call.region, required(input.RouteTableId, 'routeTableId'));
        const destination = destinationOf(input.DestinationCidrBlock);
        if (checkRoute(table, destination).target === 'local') {
          throw invalidParameter(`cannot remove local route ${destination} in route table ${table.id}`);
        }
        setRoutes(core, call.region, table.id, (routes) => routes.filter((one) => one.destination !== destination));
        return {};
      },
    }),
    AssociateRouteTable: strictOperation<AssociateRouteTableCommandInput, Answer<AssociateRouteTableCommandOutput>>({
      name: 'AssociateRouteTable',
      members: ['RouteTableId', 'SubnetId'],
      authorize: (input, call) => [
        askOn(core, call, 'AssociateRouteTable', 'route-table', input.RouteTableId),
        askOn(core, call, 'AssociateRouteTable', 'subnet', input.SubnetId),
      ],
      handle: (input, call) => ({
        AssociationId: associate(core, call.region, input),
        AssociationState: { State: 'associated' },
      }),
    }),
    ReplaceRouteTableAssociation: strictOperation<
      ReplaceRouteTableAssociationCommandInput,
      Answer<ReplaceRouteTableAssociationCommandOutput>
    >({
      name: 'ReplaceRouteTableAssociation',
      members: ['AssociationId', 'RouteTableId'],
      authorize: (input, call) => [
        askOn(core, call, 'ReplaceRouteTableAssociation', 'route-table', input.RouteTableId),
      ],
      handle(input, call) {
        const id = required(input.AssociationId, 'associationId');
        const old = tableWith(core, call.region, id);
        const subnetId = old?.associations.find((one) => one.id === id)?.subnetId;
        if (old === undefined) throw notFound('InvalidAssociationID.NotFound', 'association ID', id);
        if (subnetId === undefined) {
          throw new AwsError('UnsupportedOperation', "The sandbox doesn't support replacing a VPC's main route table.");
        }
        routeTableOf(core, call.region, required(input.RouteTableId, 'routeTableId'));
        dissociate(core, call.region, old.id, id);
        const next = associate(core, call.region, { RouteTableId: input.RouteTableId, SubnetId: subnetId });
        return { NewAssociationId: next, AssociationState: { State: 'associated' } };
      },
    }),
    DisassociateRouteTable: strictOperation<DisassociateRouteTableCommandInput, object>({
      name: 'DisassociateRouteTable',
      members: ['AssociationId'],
      authorize: (input, call) => [
        askOn(
          core,
          call,
          'DisassociateRouteTable',
          'route-table',
          tableWith(core, call.region, input.AssociationId)?.id,
        ),
      ],
      handle(input, call) {
        const id = required(input.AssociationId, 'associationId');
        const table = tableWith(core, call.region, id);
        if (table === undefined) throw notFound('InvalidAssociationID.NotFound', 'association ID', id);
        if (table.associations.some((one) => one.id === id && one.subnetId === undefined)) {
          throw invalidParameter(`cannot disassociate the main route table association ${id}`);
        }
        dissociate(core, call.region, table.id, id);
        return {};
      },
    }),
  };
}

export function routeTableOf(core: SandboxCore, region: string, id: string): RouteTableRow {
  const row = ec2Tables(core, region).routeTables.get(id);
  if (row === undefined) throw notFound('InvalidRouteTableID.NotFound', 'routeTable ID', id);
  return row;
}

/** The route table a subnet uses: its own, or the VPC's main one. */
export function routeTableFor(core: SandboxCore, region: string, subnetId: string): RouteTableRow | undefined {
  const tables = ec2Tables(core, region);
  const own = tables.routeTables.values().find((row) => row.associations.some((one) => one.subnetId === subnetId));
  const vpcId = tables.subnets.get(subnetId)?.vpcId;
  return own ?? tables.routeTables.get(tables.vpcs.get(vpcId ?? '')?.mainRouteTableId ?? '');
}

/** Replaces a table's routes and tells the network. */
export function setRoutes(
  core: SandboxCore,
  region: string,
  id: string,
  change: (routes: readonly RouteRow[]) => readonly RouteRow[],
): void {
  ec2Tables(core, region).routeTables.update(id, (row) => ({ ...row, routes: change(row.routes) }));
  networkChanged(core, region);
}

const tableWith = (core: SandboxCore, region: string, associationId: string | undefined): RouteTableRow | undefined =>
  ec2Tables(core, region)
    .routeTables.values()
    .find((row) => row.associations.some((one) => one.id === associationId));

function dissociate(core: SandboxCore, region: string, tableId: string, associationId: string): void {
  ec2Tables(core, region).routeTables.update(tableId, (row) => ({
    ...row,
    associations: row.associations.filter((one) => one.id !== associationId),
  }));
  networkChanged(core, region);
}

function associate(core: SandboxCore, region: string, input: AssociateRouteTableCommandInput): string {
  const table = routeTableOf(core, region, required(input.RouteTableId, 'routeTableId'));
  const subnet = subnetOf(core, region, required(input.SubnetId, 'subnetId'));
  if (subnet.vpcId !== table.vpcId) {
    throw invalidParameter(`route table ${table.id} and subnet ${subnet.id} belong to different networks`);
  }
  const tables = ec2Tables(core, region);
  const current = tables.routeTables.values().find((row) => row.associations.some((one) => one.subnetId === subnet.id));
  if (current !== undefined && current.id !== table.id) {
    throw new AwsError(
      'Resource.AlreadyAssociated',
      `the specified association for route table ${table.id} conflicts with an existing association`,
    );
  }
  const existing = table.associations.find((one) => one.subnetId === subnet.id);
  if (existing !== undefined) return existing.id;
  const id = newId(core, 'rtbassoc');
  tables.routeTables.update(table.id, (row) => ({
    ...row,
    associations: [...row.associations, { id, subnetId: subnet.id }],
  }));
  networkChanged(core, region);
  return id;
}

interface RouteRequest {
  readonly DestinationCidrBlock?: string | undefined;
  readonly GatewayId?: string | undefined;
  readonly NatGatewayId?: string | undefined;
}

function routeFrom(core: SandboxCore, region: string, table: RouteTableRow, input: RouteRequest): RouteRow {
  const destination = destinationOf(input.DestinationCidrBlock);
  const target = input.GatewayId ?? input.NatGatewayId;
  if (target === undefined) throw missingParameter('gatewayId or natGatewayId');
  const tables = ec2Tables(core, region);
  const gateway = tables.internetGateways.get(target);
  const nat = tables.natGateways.get(target);
  if (gateway === undefined && nat === undefined) {
    if (input.GatewayId !== undefined)
      throw notFound('InvalidInternetGatewayID.NotFound', 'internetGateway ID', target);
    throw new AwsError('InvalidNatGatewayID.NotFound', `The natGateway ID '${target}' does not exist`);
  }
  if ((gateway?.vpcId ?? nat?.vpcId) !== table.vpcId) {
    throw invalidParameter(`route table ${table.id} and network gateway ${target} belong to different networks`);
  }
  return { destination, target, origin: 'CreateRoute' };
}

function destinationOf(cidr: string | undefined): string {
  const block = parseBlock(required(cidr, 'destinationCidrBlock'));
  if (block === undefined) {
    throw invalidParameter(
      `Value (${cidr}) for parameter destinationCidrBlock is invalid. This is not a valid CIDR block.`,
    );
  }
  return canonical(block);
}

function checkRoute(table: RouteTableRow, destination: string): RouteRow {
  const found = table.routes.find((one) => one.destination === destination);
  if (found !== undefined) return found;
  throw new AwsError(
    'InvalidRoute.NotFound',
    `no route with destination-cidr-block ${destination} in route table ${table.id}`,
  );
}

function describe(core: SandboxCore, region: string, row: RouteTableRow): RouteTable {
  return {
    RouteTableId: row.id,
    VpcId: row.vpcId,
    OwnerId: core.account,
    Routes: row.routes.map((route) => describeRoute(core, region, route)),
    Associations: row.associations.map((one) => ({
      RouteTableAssociationId: one.id,
      RouteTableId: row.id,
      SubnetId: one.subnetId,
      Main: one.subnetId === undefined,
      AssociationState: { State: 'associated' },
    })),
    PropagatingVgws: [],
    Tags: tagList(tagsOf(core, region, row.id)),
  };
}

function describeRoute(core: SandboxCore, region: string, route: RouteRow): Route {
  const { natGateways, internetGateways, endpoints } = ec2Tables(core, region);
  const nat = natGateways.get(route.target);
  const alive =
    route.target === 'local' ||
    internetGateways.get(route.target)?.vpcId !== undefined ||
    endpoints.has(route.target) ||
    (nat !== undefined && nat.state !== 'deleted');
  return {
    ...(route.destination.startsWith('pl-')
      ? { DestinationPrefixListId: route.destination }
      : { DestinationCidrBlock: route.destination }),
    ...(route.target.startsWith('nat-') ? { NatGatewayId: route.target } : { GatewayId: route.target }),
    Origin: route.origin,
    State: alive ? 'active' : 'blackhole',
  };
}
