/** A sandbox with EC2 on a virtual clock, and the network most tests want: two private subnets, one public, in one VPC. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { codeOf, operation } from '../../../../src/sandbox/contract.ts';
import type { BootSpec, Machinery } from '../../../../src/sandbox/instances/machinery.ts';
import { createEc2Service } from '../../../../src/sandbox/services/ec2/service.ts';
import type { TestSandbox } from '../../../support/test-sandbox.ts';
import { testSandbox } from '../../../support/test-sandbox.ts';

export const appImage = 'ami-00000000000000001';

export interface Ec2Sandbox extends TestSandbox {
  /** What was booted, in order, and how to end a program as a crash would. */
  readonly boots: BootSpec[];
  readonly crash: (instanceId: string) => void;
  ec2<Output = Record<string, unknown>>(operation: string, input: object, region?: string): Promise<Output>;
}

export function ec2Sandbox(more: readonly ServiceFactory[] = []): Ec2Sandbox {
  const boots: BootSpec[] = [];
  const exits = new Map<string, (how: string) => void>();
  const machinery: Machinery = {
    boot: async (spec, onExit) => {
      boots.push(spec);
      exits.set(spec.instanceId, onExit);
    },
    halt: async (_region, id) => {
      exits.delete(id);
    },
    close: async () => {},
  };
  const sandbox = testSandbox([
    (core) => {
      const folder = join(core.directory, 'app');
      mkdirSync(folder);
      writeFileSync(join(folder, 'server.mjs'), 'export {};\n');
      return createEc2Service(core, { images: { [appImage]: { folder, command: ['node', 'server.mjs'] } }, machinery });
    },
    ...more,
  ]);
  return {
    ...sandbox,
    boots,
    crash: (id) => exits.get(id)?.('signal SIGKILL'),
    ec2: (name, input, region) => sandbox.call('ec2', name, input, region),
  };
}

/** A stand-in for SSM's read side, and a way to set what it answers. */
export function parameterStore(values: Map<string, string>): ServiceFactory {
  return () => ({
    name: 'ssm',
    operations: {
      GetParameters: operation<{ Names: string[] }, object>(({ Names }) => ({
        Parameters: Names.flatMap((Name) => (values.has(Name) ? [{ Name, Value: values.get(Name) }] : [])),
      })),
    },
  });
}

export interface TestNetwork {
  readonly vpcId: string;
  readonly privateSubnets: readonly string[];
  readonly publicSubnet: string;
  readonly groupId: string;
}

/** A VPC 10.0.0.0/16 with an internet gateway, a public subnet, two private ones, and a group that lets port 8080 in from itself. */
export async function network({ ec2 }: Pick<Ec2Sandbox, 'ec2'>, region = 'us-east-1'): Promise<TestNetwork> {
  const { Vpc } = await ec2<{ Vpc: { VpcId: string } }>('CreateVpc', { CidrBlock: '10.0.0.0/16' }, region);
  const vpcId = Vpc.VpcId;
  const subnet = async (cidr: string, letter: string): Promise<string> => {
    const answer = await ec2<{ Subnet: { SubnetId: string } }>(
      'CreateSubnet',
      { VpcId: vpcId, CidrBlock: cidr, AvailabilityZone: `${region}${letter}` },
      region,
    );
    return answer.Subnet.SubnetId;
  };
  const publicSubnet = await subnet('10.0.0.0/24', 'a');
  const privateSubnets = [await subnet('10.0.1.0/24', 'a'), await subnet('10.0.2.0/24', 'b')];
  const { InternetGateway: gateway } = await ec2<{ InternetGateway: { InternetGatewayId: string } }>(
    'CreateInternetGateway',
    {},
    region,
  );
  await ec2('AttachInternetGateway', { InternetGatewayId: gateway.InternetGatewayId, VpcId: vpcId }, region);
  const { RouteTable: table } = await ec2<{ RouteTable: { RouteTableId: string } }>(
    'CreateRouteTable',
    { VpcId: vpcId },
    region,
  );
  await ec2(
    'CreateRoute',
    { RouteTableId: table.RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: gateway.InternetGatewayId },
    region,
  );
  await ec2('AssociateRouteTable', { RouteTableId: table.RouteTableId, SubnetId: publicSubnet }, region);
  const groupId = await group({ ec2 }, vpcId, 'app', region);
  return { vpcId, privateSubnets, publicSubnet, groupId };
}

export async function group(
  { ec2 }: Pick<Ec2Sandbox, 'ec2'>,
  vpcId: string,
  name: string,
  region = 'us-east-1',
): Promise<string> {
  const input = { VpcId: vpcId, GroupName: name, Description: name };
  return (await ec2<{ GroupId: string }>('CreateSecurityGroup', input, region)).GroupId;
}

/** The code of what a call is refused with; undefined when it isn't. */
export async function refusal(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    return codeOf(error);
  }
}
