/** Which APIs an interface in a VPC reaches, over real sockets that come from its address. */

import { Agent } from 'node:http';
import { CreateBucketCommand, ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RunningAws } from '../../../src/sandbox/aws.ts';
import { startAws } from '../../../src/sandbox/aws.ts';
import { outside } from '../../../src/sandbox/contract.ts';
import { registerInterface } from '../../../src/sandbox/services/ec2/network-interfaces.ts';
import { prefixListId, serviceNameOf } from '../../../src/sandbox/services/ec2/vpc-endpoints.ts';
import type { TestNetwork } from '../services/ec2/ec2-sandbox.ts';
import { group, network } from '../services/ec2/ec2-sandbox.ts';

const region = 'us-east-1';
const away = 'us-west-2';
const everything = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
const https = (from: object) => [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, ...from }];

let aws: RunningAws;
let net: TestNetwork;
const logged: string[] = [];
const agents: Agent[] = [];

const ec2 = <Output = Record<string, unknown>>(name: string, input: object, where = region): Promise<Output> =>
  aws.core.invoke<Output>({ service: 'ec2', operation: name, region: where, input, principal: aws.core.as('test') });

beforeAll(async () => {
  aws = await startAws({
    regions: [region, away],
    account: '111122223333',
    speed: 'max',
    seed: 1,
    images: {},
    signals: false,
    onLog: ({ service, text }) => {
      if (service === 'network') logged.push(text);
    },
  });
});
beforeEach(async () => {
  logged.length = 0;
  net = await network({ ec2 });
});
afterAll(async () => {
  for (const agent of agents) agent.destroy();
  await aws.stop();
});

interface Place {
  readonly address: string;
  readonly subnetId: string;
  readonly groupId: string;
}

async function placeIn(subnetId: string, publicAddress?: string): Promise<Place> {
  const groupId = await group({ ec2 }, net.vpcId, `group-${aws.core.ids.hex(6)}`);
  const address = aws.core.network.allocate(region);
  registerInterface(aws.core, {
    region,
    kind: 'function',
    subnetId,
    securityGroupIds: [groupId],
    address,
    description: 'AWS Lambda VPC ENI-probe',
    ...(publicAddress === undefined ? {} : { publicAddress }),
  });
  return { address, subnetId, groupId };
}

const inPrivate = (): Promise<Place> => placeIn(net.privateSubnets[0] ?? '');

/** What every client of the SDK needs to call from an address, on one connection, with little patience. */
function from(address: string, to = region) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, localAddress: address });
  agents.push(agent);
  return {
    region: to,
    endpoint: aws.core.endpoint(region),
    credentials: aws.administrator,
    maxAttempts: 1,
    requestHandler: { httpAgent: agent, requestTimeout: 400, throwOnRequestTimeout: true },
  };
}

const queues = (address: string, to = region) => {
  const client = new SQSClient(from(address, to));
  return () => client.send(new ListQueuesCommand({}));
};
const buckets = (address: string) => {
  const client = new S3Client({ ...from(address), forcePathStyle: true });
  return () => client.send(new ListBucketsCommand({}));
};

/** `answered`, `hung` (the client gave up), or the code of what it was answered with. */
async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'answered';
  } catch (error) {
    const { name } = error as Error;
    return name === 'TimeoutError' ? 'hung' : name;
  }
}

async function interfaceEndpoint(service: string, more: object = {}): Promise<{ id: string; groupId: string }> {
  const groupId = await group({ ec2 }, net.vpcId, `endpoint-${service}`);
  const { VpcEndpoint } = await ec2<{ VpcEndpoint: { VpcEndpointId: string } }>('CreateVpcEndpoint', {
    VpcId: net.vpcId,
    VpcEndpointType: 'Interface',
    ServiceName: serviceNameOf(region, service),
    SubnetIds: [net.privateSubnets[0]],
    SecurityGroupIds: [groupId],
    ...more,
  });
  await available(VpcEndpoint.VpcEndpointId);
  return { id: VpcEndpoint.VpcEndpointId, groupId };
}

async function available(endpointId: string): Promise<void> {
  for (;;) {
    const { VpcEndpoints } = await ec2<{ VpcEndpoints: { State: string }[] }>('DescribeVpcEndpoints', {
      VpcEndpointIds: [endpointId],
    });
    if (VpcEndpoints[0]?.State === 'available') return;
    await new Promise((resolve) => aws.core.clock.after(1000, () => resolve(undefined)));
  }
}

async function tableOf(subnetId: string): Promise<string> {
  const { RouteTable } = await ec2<{ RouteTable: { RouteTableId: string } }>('CreateRouteTable', { VpcId: net.vpcId });
  await ec2('AssociateRouteTable', { RouteTableId: RouteTable.RouteTableId, SubnetId: subnetId });
  return RouteTable.RouteTableId;
}

describe('from a subnet without a way out', () => {
  it('every API hangs, and the log says why, once', async () => {
    const place = await inPrivate();
    const ask = queues(place.address);
    expect(await outcome(ask())).toBe('hung');
    expect(await outcome(ask())).toBe('hung');
    expect(await outcome(buckets(place.address)())).toBe('hung');
    expect(logged).toEqual([
      `function probe can't reach sqs: subnet ${place.subnetId} has no route to it and the VPC has no endpoint for it`,
      `function probe can't reach s3: subnet ${place.subnetId} has no route to it and the VPC has no endpoint for it`,
    ]);
  });

  it('an interface endpoint opens its service to whom its group admits', async () => {
    const place = await inPrivate();
    const endpoint = await interfaceEndpoint('sqs');
    const ask = queues(place.address);
    expect(await outcome(ask())).toBe('hung');
    expect(logged).toEqual([
      `function probe can't reach sqs: the security groups (${endpoint.groupId}) of ${endpoint.id} don't let it in on port 443`,
    ]);
    const rule = https({ UserIdGroupPairs: [{ GroupId: place.groupId }] });
    await ec2('AuthorizeSecurityGroupIngress', { GroupId: endpoint.groupId, IpPermissions: rule });
    expect(await outcome(ask())).toBe('answered');
    expect(await outcome(buckets(place.address)())).toBe('hung');
    // An endpoint serves its own Region.
    expect(await outcome(queues(place.address, away)())).toBe('hung');
    expect(logged.at(-1)).toBe(
      `function probe can't reach sqs in us-west-2: subnet ${place.subnetId} has no route to it and the VPC has no endpoint for it`,
    );
  });

  it('one without private DNS is reached too', async () => {
    const place = await inPrivate();
    const endpoint = await interfaceEndpoint('sqs', { PrivateDnsEnabled: false });
    await ec2('AuthorizeSecurityGroupIngress', { GroupId: endpoint.groupId, IpPermissions: everything });
    expect(await outcome(queues(place.address)())).toBe('answered');
  });

  it('a gateway endpoint opens S3 to the subnets whose route table it is on, and to nobody else', async () => {
    const place = await inPrivate();
    const other = await placeIn(net.privateSubnets[1] ?? '');
    const routes = await tableOf(place.subnetId);
    const { VpcEndpoint } = await ec2<{ VpcEndpoint: { VpcEndpointId: string } }>('CreateVpcEndpoint', {
      VpcId: net.vpcId,
      ServiceName: serviceNameOf(region, 's3'),
      RouteTableIds: [routes],
    });
    expect(await outcome(buckets(place.address)())).toBe('answered');
    expect(await outcome(buckets(other.address)())).toBe('hung');
    expect(logged).toEqual([
      `function probe can't reach s3: subnet ${other.subnetId} has no route to it and ${VpcEndpoint.VpcEndpointId} isn't on its route table`,
    ]);
    // The group of the caller has to let it out to the list of S3's addresses.
    await ec2('RevokeSecurityGroupEgress', { GroupId: place.groupId, IpPermissions: everything });
    expect(await outcome(buckets(place.address)())).toBe('hung');
    const toS3 = https({ PrefixListIds: [{ PrefixListId: prefixListId(serviceNameOf(region, 's3')) }] });
    await ec2('AuthorizeSecurityGroupEgress', { GroupId: place.groupId, IpPermissions: toS3 });
    expect(await outcome(buckets(place.address)())).toBe('answered');
  });

  it('a call that hangs is let through when a path opens while its client still waits', async () => {
    const place = await inPrivate();
    const endpoint = await interfaceEndpoint('sqs');
    const waiting = outcome(queues(place.address)());
    await ec2('AuthorizeSecurityGroupIngress', { GroupId: endpoint.groupId, IpPermissions: everything });
    expect(await waiting).toBe('answered');
  });
});

describe('over the internet', () => {
  it('a public subnet reaches every API of every Region, with a public address only', async () => {
    const bare = await placeIn(net.publicSubnet);
    expect(await outcome(queues(bare.address)())).toBe('hung');
    expect(logged[0]).toMatch(/ routes to igw-\w+, and it has no public address and the VPC has no endpoint for it$/);
    const known = await placeIn(net.publicSubnet, '198.51.100.7');
    expect(await outcome(queues(known.address)())).toBe('answered');
    expect(await outcome(queues(known.address, away)())).toBe('answered');
  });

  it('a private one through a NAT gateway, once that is available and until its route is gone', async () => {
    const place = await inPrivate();
    const routes = await tableOf(place.subnetId);
    const { AllocationId } = await ec2<{ AllocationId: string }>('AllocateAddress', { Domain: 'vpc' });
    const { NatGateway } = await ec2<{ NatGateway: { NatGatewayId: string } }>('CreateNatGateway', {
      SubnetId: net.publicSubnet,
      AllocationId,
    });
    const route = { RouteTableId: routes, DestinationCidrBlock: '0.0.0.0/0' };
    await ec2('CreateRoute', { ...route, NatGatewayId: NatGateway.NatGatewayId });
    const ask = queues(place.address);
    await expect.poll(() => outcome(ask()), { timeout: 10_000 }).toBe('answered');
    await ec2('DeleteRoute', route);
    expect(await outcome(ask())).toBe('hung');
  });

  it('API functions, which stand in no VPC, and people outside reach every API', async () => {
    const address = aws.core.network.allocate(region);
    expect(await outcome(queues(address)())).toBe('answered');
    const person = new STSClient({ ...from('127.0.0.1'), endpoint: aws.core.endpoint(outside) });
    expect(await outcome(person.send(new GetCallerIdentityCommand({})))).toBe('answered');
    expect(logged).toEqual([]);
  });
});

describe('what was open stays open', () => {
  it('a connection survives a revoked rule, and a new one hangs', async () => {
    const place = await inPrivate();
    const endpoint = await interfaceEndpoint('sqs');
    const rule = https({ UserIdGroupPairs: [{ GroupId: place.groupId }] });
    await ec2('AuthorizeSecurityGroupIngress', { GroupId: endpoint.groupId, IpPermissions: rule });
    const kept = queues(place.address);
    expect(await outcome(kept())).toBe('answered');
    await ec2('RevokeSecurityGroupIngress', { GroupId: endpoint.groupId, IpPermissions: rule });
    expect(await outcome(kept())).toBe('answered');
    expect(await outcome(queues(place.address)())).toBe('hung');
  });
});

describe('endpoint policies and what policies may ask of the way a call came', () => {
  const document = (...statements: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const allow = (Action: string, more: object = {}) => ({
    Effect: 'Allow',
    Principal: '*',
    Action,
    Resource: '*',
    ...more,
  });

  async function gateway(place: Place, policy?: string): Promise<string> {
    const { VpcEndpoint } = await ec2<{ VpcEndpoint: { VpcEndpointId: string } }>('CreateVpcEndpoint', {
      VpcId: net.vpcId,
      ServiceName: serviceNameOf(region, 's3'),
      RouteTableIds: [await tableOf(place.subnetId)],
      ...(policy === undefined ? {} : { PolicyDocument: policy }),
    });
    return VpcEndpoint.VpcEndpointId;
  }

  it('an endpoint’s policy lowers what everybody may, the administrator too', async () => {
    const place = await inPrivate();
    const id = await gateway(place, document(allow('s3:GetObject')));
    const list = buckets(place.address);
    await expect(list()).rejects.toThrow(
      /^User: arn:aws:iam::111122223333:user\/administrator is not authorized to perform: s3:ListAllMyBuckets because no VPC endpoint policy allows the s3:ListAllMyBuckets action/,
    );
    await ec2('ModifyVpcEndpoint', {
      VpcEndpointId: id,
      PolicyDocument: document(allow('s3:*'), { ...allow('s3:List*'), Effect: 'Deny', Sid: 'NoLists' }),
    });
    await expect(list()).rejects.toThrow(
      `with an explicit deny in a VPC endpoint policy [decided by statement NoLists (number 2) of the policy of ${id}]`,
    );
    await ec2('ModifyVpcEndpoint', { VpcEndpointId: id, ResetPolicy: true });
    expect(await outcome(list())).toBe('answered');
  });

  it('one that breaks the grammar is refused', async () => {
    const place = await inPrivate();
    await expect(gateway(place, document({ Effect: 'Allow', Action: 's3:*', Resource: '*' }))).rejects.toMatchObject({
      code: 'InvalidPolicyDocument',
    });
  });

  it('aws:SourceVpce, aws:SourceVpc and aws:VpcSourceIp say which endpoint, VPC and address; outside there are none', async () => {
    const place = await inPrivate();
    const id = await gateway(place);
    const bucket = `photos-${aws.core.ids.hex(6)}`;
    const outsider = new S3Client({ ...from('127.0.0.1'), endpoint: aws.endpoint, forcePathStyle: true });
    await outsider.send(new CreateBucketCommand({ Bucket: bucket }));
    const [inside, out] = [new S3Client({ ...from(place.address), forcePathStyle: true }), outsider];
    const { PutBucketPolicyCommand, ListObjectsV2Command } = await import('@aws-sdk/client-s3');
    const list = (client: S3Client) => outcome(client.send(new ListObjectsV2Command({ Bucket: bucket })));
    const only = (Condition: object) =>
      outsider.send(
        new PutBucketPolicyCommand({
          Bucket: bucket,
          Policy: document({
            Effect: 'Deny',
            Principal: '*',
            Action: 's3:ListBucket',
            Resource: `arn:aws:s3:::${bucket}`,
            Condition,
          }),
        }),
      );
    expect([await list(inside), await list(out)]).toEqual(['answered', 'answered']);
    const conditions = [
      { StringNotEquals: { 'aws:SourceVpce': id } },
      { StringNotEquals: { 'aws:SourceVpc': net.vpcId } },
      { NotIpAddress: { 'aws:VpcSourceIp': '10.0.1.0/24' } },
    ];
    for (const condition of conditions) {
      await only(condition);
      expect([await list(inside), await list(out)], JSON.stringify(condition)).toEqual(['answered', 'AccessDenied']);
    }
    await only({ StringNotEquals: { 'aws:SourceVpce': 'vpce-00000000000000000' } });
    expect(await list(inside)).toBe('AccessDenied');
    // Through an endpoint there is no public address.
    await only({ NotIpAddress: { 'aws:SourceIp': '127.0.0.0/8' } });
    expect([await list(inside), await list(out)]).toEqual(['AccessDenied', 'answered']);
  });
});
