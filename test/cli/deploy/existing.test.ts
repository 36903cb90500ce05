// What the config says is there is looked for before anything is changed: networks, certificates, hosted zone.

import { beforeAll, describe, expect, test } from 'vitest';
import { existingProblems } from '../../../src/cli/deploy/existing.ts';
import { createAcmService } from '../../../src/sandbox/services/acm/service.ts';
import type { SeedNetwork } from '../../../src/sandbox/services/ec2/seed-networks.ts';
import { createEc2Service } from '../../../src/sandbox/services/ec2/service.ts';
import { createRoute53Service } from '../../../src/sandbox/services/route53/operations.ts';
import type { WorkloadConfig } from '../../../src/workload/config.ts';
import { parseWorkload } from '../../../src/workload/parse.ts';
import type { TestSandbox } from '../../support/test-sandbox.ts';
import { testSandbox } from '../../support/test-sandbox.ts';
import type { Instead } from './in-process.ts';
import { inProcessClients, sdkError } from './in-process.ts';

const [east, west] = ['us-east-1', 'us-west-2'] as const;
const certificate = (region: string, digit: number) =>
  `arn:aws:acm:${region}:111122223333:certificate/${digit}0000000-0000-4000-8000-000000000000`;
const subnet = (kind: 'public' | 'private', digit: number, zone?: string) => ({
  id: `subnet-${kind === 'public' ? 'a' : 'b'}000000${digit}`,
  kind,
  ...(zone === undefined ? {} : { zone }),
});
const ids = (kind: 'public' | 'private', ...digits: number[]) => digits.map((digit) => subnet(kind, digit).id);

const network = {
  vpc: 'vpc-0000000a',
  publicSubnets: ids('public', 1, 2),
  privateSubnets: ids('private', 1, 2),
};

/** An account that has what the config below says. */
const seeded: SeedNetwork[] = [
  {
    region: east,
    vpc: network.vpc,
    subnets: [
      subnet('public', 1),
      subnet('public', 2),
      subnet('public', 3, 'us-east-1a'),
      subnet('private', 1),
      subnet('private', 2),
    ],
    nat: true,
  },
  { region: east, vpc: 'vpc-0000000c', subnets: [subnet('public', 8), subnet('private', 8)] },
];

const traffic = {
  zone: 'guests.example',
  zoneId: 'Z0GUESTS',
  name: 'www.guests.example',
  certificates: { primary: certificate(east, 1), recovery: certificate(west, 2) },
};

const config = {
  name: 'guests',
  primary: { region: east, network },
  recovery: { region: west },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  traffic,
} satisfies WorkloadConfig;

let sandbox: TestSandbox;

beforeAll(() => {
  const certificates = {
    [certificate(east, 1)]: { domains: ['www.guests.example'] },
    [certificate(west, 2)]: { domains: ['*.guests.example'] },
    [certificate(east, 3)]: { domains: ['guests.example', '*.deep.www.guests.example'] },
  };
  sandbox = testSandbox([
    (core) => createEc2Service(core, { networks: seeded }),
    (core) => createAcmService(core, { certificates }),
    (core) => createRoute53Service(core, { zones: { Z0GUESTS: { name: 'guests.example' } } }),
  ]);
});

/** Nothing is changed by looking. */
async function looked(
  changes: Partial<WorkloadConfig> = {},
  regions: readonly string[] = [east, west],
  instead?: Instead,
) {
  const workload = parseWorkload({ ...config, ...changes });
  return existingProblems(workload, regions, inProcessClients(sandbox, undefined, instead));
}

/** Each problem as it is told: where, what, and what to do. */
const told = async (...asked: Parameters<typeof looked>): Promise<string> =>
  (await looked(...asked)).problems.map(({ region = '', what, next }) => `${region}: ${what}\n${next}`).join('\n');

const inNetwork = (changes: Partial<typeof network>): Partial<WorkloadConfig> => ({
  primary: { region: east, network: { ...network, ...changes } },
});
const inTraffic = (changes: Partial<WorkloadConfig['traffic']>): Partial<WorkloadConfig> => ({
  traffic: { ...traffic, ...changes },
});

test('what is as the config says stands in nobody’s way', async () => {
  expect(await looked()).toEqual({ problems: [], notes: [] });
});

test('a workload that stands on nothing of its owner’s asks for nothing', async () => {
  const nothing: Instead = ({ operation }) => {
    throw new Error(`${operation} was asked for`);
  };
  const bare = { primary: { region: east }, traffic: { zone: 'guests.example', name: 'www.guests.example' } };
  expect(await looked(bare, [east, west], nothing)).toEqual({ problems: [], notes: [] });
});

test('only the Regions that are deployed to are looked at', async () => {
  const west2 = { certificates: { ...traffic.certificates, primary: certificate(east, 9) } };
  expect(await told(inTraffic(west2), [west])).toBe('');
  expect(await told(inTraffic(west2), [east])).toContain("isn't there");
});

describe('a network', () => {
  test.each([
    [
      'a VPC that is not there',
      { vpc: 'vpc-0000000f' },
      /us-east-1: The VPC vpc-0000000f isn't there\.\n.*primary\.network\.vpc/,
    ],
    [
      'a subnet that is not there',
      { publicSubnets: ids('public', 1, 2, 9) },
      /The subnet subnet-a0000009 isn't there\.\nCorrect primary\.network\.publicSubnets/,
    ],
    [
      'a subnet of another VPC',
      { privateSubnets: ids('private', 1, 2, 8) },
      /subnet-b0000008 is of vpc-0000000c, not of vpc-0000000a\.\nCorrect primary\.network\.privateSubnets/,
    ],
    [
      'subnets in one zone',
      { publicSubnets: ids('public', 1, 3) },
      /subnet-a0000001 and subnet-a0000003 are all in us-east-1a\.\nName subnets of two or more/,
    ],
    [
      'a public subnet that is none',
      { publicSubnets: [...ids('public', 1), ...ids('private', 2)] },
      /subnet-b0000002 has no route to an internet gateway.*\n.*route 0\.0\.0\.0\/0/,
    ],
  ])('with %s', async (_, changes, says) => {
    const text = await told(inNetwork(changes));
    expect(text).toMatch(says);
    expect(text.split('\n')).toHaveLength(2);
  });

  test('whose private side leads nowhere is a note: endpoints of its owner’s may lead on', async () => {
    const shut = {
      ...network,
      vpc: 'vpc-0000000c',
      publicSubnets: ids('public', 8, 8),
      privateSubnets: ids('private', 8, 8),
    };
    const { notes } = await looked(inNetwork(shut));
    expect(notes[0]).toMatch(/private subnet subnet-b0000008 has no default route.*primary\.network\.endpoints/);
    const { notes: none } = await looked({ primary: { region: east, network: { ...shut, endpoints: true } } });
    expect(none).toEqual([]);
  });

  test('without host names, with the command that turns them on', async () => {
    const off: Instead = ({ input, operation }) =>
      operation === 'DescribeVpcAttribute' && input.Attribute === 'enableDnsHostnames'
        ? { EnableDnsHostnames: { Value: false } }
        : undefined;
    expect(await told({}, [east, west], off)).toMatch(
      /has DNS host names off\.\n.*modify-vpc-attribute --region us-east-1 --vpc-id vpc-0000000a --enable-dns-hostnames/,
    );
  });
});

describe('a certificate', () => {
  const primary = (arn: string) => inTraffic({ certificates: { ...traffic.certificates, primary: arn } });

  test('that is not there', async () => {
    expect(await told(primary(certificate(east, 9)))).toMatch(
      /us-east-1: The certificate \S+ isn't there\.\n.*traffic\.certificates\.primary.*request-certificate --region us-east-1/,
    );
  });

  test('of other names: a wildcard stands for one label only', async () => {
    expect(await told(primary(certificate(east, 3)))).toMatch(
      /is for guests\.example, \*\.deep\.www\.guests\.example, not for www\.guests\.example/,
    );
  });

  test('that is still to be validated, or has expired', async () => {
    const as =
      (Status: string): Instead =>
      ({ operation, region }) =>
        operation === 'DescribeCertificate' && region === east
          ? { Certificate: { DomainName: 'www.guests.example', Status } }
          : undefined;
    expect(await told({}, [east, west], as('PENDING_VALIDATION'))).toMatch(
      /PENDING_VALIDATION.*\nMake the DNS records/,
    );
    expect(await told({}, [east, west], as('EXPIRED'))).toMatch(/EXPIRED.*\nName another/);
  });
});

describe('a hosted zone', () => {
  test('that is not there', async () => {
    expect(await told(inTraffic({ zoneId: 'Z0NOBODY' }))).toMatch(/Z0NOBODY isn't there\.\n.*traffic\.zoneId/);
  });

  test('of another name', async () => {
    const other = { zone: 'www.guests.example', name: 'www.guests.example' };
    expect(await told(inTraffic(other))).toMatch(/Z0GUESTS is guests\.example, the config says www\.guests\.example/);
  });

  test('that only a VPC asks', async () => {
    const inside: Instead = ({ operation }) =>
      operation === 'GetHostedZone'
        ? { HostedZone: { Name: 'guests.example.', Config: { PrivateZone: true } } }
        : undefined;
    expect(await told({}, [east, west], inside)).toMatch(/Z0GUESTS is private/);
  });
});

test('what may not be looked at is a note, each for itself', async () => {
  const denied: Instead = () => {
    throw sdkError('AccessDenied', 'not authorized', 403);
  };
  const { notes, problems } = await looked({}, [east, west], denied);
  expect(problems).toEqual([]);
  expect(notes).toEqual([
    "us-east-1: the network couldn't be looked at (not authorized).",
    "us-east-1: the certificate couldn't be looked at (not authorized).",
    "us-west-2: the certificate couldn't be looked at (not authorized).",
    "The hosted zone couldn't be looked at (not authorized).",
  ]);
});
