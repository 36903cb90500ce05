import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadWorkload } from '../../src/cli/load-workload.ts';
import { PilotLightError } from '../../src/kernel/errors.ts';
import { networkOf, subnetBits } from '../../src/workload/cidr.ts';
import { workloadJsonSchema } from '../../src/workload/config.ts';
import { namesOf } from '../../src/workload/names.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { readConfig } from '../../src/workload/read-config.ts';

const smallest = {
  name: 'photos',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0123456789abcdef0' } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
};

test('a few lines are a whole config', () => {
  const workload = parseWorkload(smallest);
  expect(workload.environment).toBe('dev');
  expect(workload.policy).toBe('approve');
  expect(workload.database.backupRetention).toBeGreaterThan(0);
});

test('the machines are named as the seed names them', () => {
  const names = namesOf(parseWorkload(smallest));
  expect([names.machine('failover'), names.machine('failback')]).toEqual(['dev-dr-failover', 'dev-dr-failback']);
});

const refused = (change: object): PilotLightError => {
  try {
    parseWorkload({ ...smallest, ...change });
  } catch (error) {
    if (error instanceof PilotLightError) return error;
    throw error;
  }
  throw new Error('it was accepted');
};

/** The refusal's line about a path. */
const lineAbout = (path: string, change: object): string | undefined =>
  refused(change)
    .message.split('\n')
    .find((line) => line.trim().startsWith(`${path}:`));

const { web } = smallest.compute;
const existing = {
  vpc: 'vpc-0123456789abcdef0',
  publicSubnets: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  privateSubnets: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
};
const certificate = (region: string): string =>
  `arn:aws:acm:${region}:111122223333:certificate/12345678-1234-1234-1234-123456789012`;

describe('refuses, with the path, what was given and what is allowed:', () => {
  test.each<[string, object, string, RegExp]>([
    ['the same Region twice', { recovery: { region: 'us-east-1' } }, 'recovery.region', /Given: us-east-1/],
    ['an unknown Region', { primary: { region: 'us-moon-1' } }, 'primary.region', /us-moon-1.*Allowed:.*us-west-2/],
    ['a name too long', { name: 'a-name-that-is-much-too-long' }, 'name', /Allowed:.*at most 12/],
    [
      'a bucket name too long for S3 in the Region it gets',
      {
        name: 'abcdefghijkl',
        environment: 'abcdefghijkl',
        buckets: ['abcdefghijkl'],
        recovery: { region: 'ap-southeast-1' },
      },
      'buckets[0]',
      /66 characters.*Allowed: 63 characters at most, so 3 fewer/,
    ],
    [
      'a parameter name too deep',
      { parameters: { values: { [`${'a/'.repeat(14)}b`]: '1' } } },
      'parameters.values["aXb"]',
      /15 levels/,
    ],
    [
      'a public name outside its zone',
      { traffic: { zone: 'photos.example', name: 'www.other.example' } },
      'traffic.name',
      /photos.example/,
    ],
    [
      'a capacity that contradicts itself',
      { compute: { web: { ...web, capacity: { min: 3, desired: 2, max: 4 } } } },
      'compute.web.capacity',
      /"desired":2.*min <= desired <= max/,
    ],
    ['a field that does not exist', { databse: {} }, 'databse', /Allowed:.*database/],
    ['a field missing', { compute: { web: {} } }, 'compute.web.image', /it is missing/],
    ['no backups', { database: { backupRetention: 0 } }, 'database.backupRetention', /Given: 0.*at least 1/],
    [
      'an instance type that can be none',
      { compute: { web: { ...web, instanceTypes: ['t3.small', 'small'] } } },
      'compute.web.instanceTypes[1]',
      /t3\.small/,
    ],
    [
      'overlapping networks',
      { primary: { region: 'us-east-1', cidr: '10.20.128.0/17' } },
      'primary.cidr',
      /10\.20\.0\.0\/16/,
    ],
    ['a network too small', { primary: { region: 'us-east-1', cidr: '10.1.0.0/25' } }, 'primary.cidr', /\/16 to \/24/],
    [
      'a network that begins in its middle',
      { recovery: { region: 'us-west-2', cidr: '10.1.1.0/16' } },
      'recovery.cidr',
      /first address/,
    ],
    ['no address', { recovery: { region: 'us-west-2', cidr: '10.1.300.0/24' } }, 'recovery.cidr', /IPv4/],
    [
      'objects of a bucket that is none',
      { functions: { a: { entry: 'a.ts', objects: { bucket: 'photos' } } } },
      'functions.a.objects.bucket',
      /there are no buckets/,
    ],
    [
      'a schedule EventBridge would refuse',
      { functions: { a: { entry: 'a.ts', schedule: 'rate(1 minutes)' } } },
      'functions.a.schedule',
      /rate\(1 minutes\).*rate\(5 minutes\)/,
    ],
    [
      'no group that serves the rest',
      { compute: { jobs: { ...web, serves: 'nothing' } } },
      'compute',
      /Given: jobs.*one group with serves: all/,
    ],
    [
      'two groups that serve the rest',
      { compute: { web, admin: web } },
      'compute.admin.serves',
      /the group web.*\[\/api\/\*\]/,
    ],
    [
      'a pattern served twice',
      { compute: { web, a: { ...web, serves: ['/a/*'] }, b: { ...web, serves: ['/b', '/a/*'] } } },
      'compute.b.serves[1]',
      /the group a serves it already/,
    ],
    [
      'a pattern that is none',
      { compute: { web, a: { ...web, serves: ['api'] } } },
      'compute.a.serves[0]',
      /Given: api.*\/api\/\*/,
    ],
    [
      'an unknown share of the requests',
      { compute: { web: { ...web, serves: 'some' } } },
      'compute.web.serves',
      /Given: some.*Allowed: all, nothing/,
    ],
    [
      'user data for another interpreter',
      { compute: { web: { ...web, userData: '#!/usr/bin/python3\nprint()' } } },
      'compute.web.userData',
      /\/bin\/sh/,
    ],
    [
      'user data too long',
      { compute: { web: { ...web, userData: 'true\n'.repeat(4000) } } },
      'compute.web.userData',
      /20000 bytes.*Allowed: 12288/,
    ],
    [
      'a group name too long for its target group',
      { name: 'abcdefghijkl', environment: 'abcdefghijkl', compute: { abcdefghijkl: web } },
      'compute.abcdefghijkl',
      /38 characters.*32 characters/,
    ],
    ['a witness that is a Region of the two', { witness: { region: 'us-west-2' } }, 'witness.region', /us-east-2/],
    [
      'a witness outside the set',
      { witness: { region: 'eu-west-1' } },
      'witness.region',
      /Given: eu-west-1\. Allowed: us-east-2/,
    ],
    [
      'a witness for two Regions that are in no set',
      { recovery: { region: 'us-west-1' }, witness: { region: 'us-east-2' } },
      'witness.region',
      /no witness.*us-east-1, us-east-2, us-west-2/,
    ],
    [
      'a replica opened early without a witness',
      { database: { cutover: 'open-early' } },
      'database.cutover',
      /a dark primary|one that is dark.*Allowed: promote; or a witness Region beside it: us-east-2/s,
    ],
    [
      'a step of its own beside one that an early cutover has not',
      {
        witness: { region: 'us-east-2' },
        database: { cutover: 'open-early' },
        functions: { warm: { entry: 'warm.ts' } },
        steps: { warm: { function: 'warm', after: 'DrainReplica' } },
      },
      'steps.warm.after',
      /no plan of this workload has DrainReplica/,
    ],
    [
      'a new network in an existing VPC',
      { primary: { region: 'us-east-1', cidr: '10.1.0.0/16', network: existing } },
      'primary',
      /one of cidr and network/,
    ],
    [
      'a network with one private subnet',
      { primary: { region: 'us-east-1', network: { ...existing, privateSubnets: ['subnet-0a'] } } },
      'primary.network.privateSubnets',
      /at least 2 entries/,
    ],
    ['no public name', { traffic: { zone: 'photos.example' } }, 'traffic.name', /it is missing/],
    [
      'a zone for customers that are led by others',
      { traffic: { latch: 'none', zone: 'photos.example' } },
      'traffic.zone',
      /led by you/,
    ],
    [
      'a certificate of another Region',
      {
        traffic: {
          ...smallest.traffic,
          certificates: { primary: certificate('us-west-2'), recovery: certificate('us-west-2') },
        },
      },
      'traffic.certificates.primary',
      /of another Region.*us-east-1/,
    ],
    [
      'an accelerator whose dials are turned where the outage would be',
      {
        primary: { region: 'us-west-2' },
        recovery: { region: 'us-east-1' },
        traffic: { ...smallest.traffic, latch: 'accelerator' },
      },
      'traffic.latch',
      /us-west-2.*Allowed: alarm, none/,
    ],
    ['a parameter path without its slashes', { parameters: { paths: ['shared'] } }, 'parameters.paths[0]', /both ends/],
    [
      "a parameter path of Pilot Light's own",
      { parameters: { paths: ['/pilot-light/dev/'] } },
      'parameters.paths[0]',
      /none of/,
    ],
    [
      'parameter paths that hold each other',
      { parameters: { paths: ['/dev/'] } },
      'parameters.paths[0]',
      /\/dev\/photos\//,
    ],
    ['a policy that is none', { policy: 'auto' }, 'policy', /Allowed: automatic, approve, manual, or an object/],
    ['a field no policy has', { policy: { triger: 'manual' } }, 'policy.triger', /Allowed: trigger, databaseDown/],
    [
      'too little patience',
      { policy: { databaseDownSeconds: 5 } },
      'policy.databaseDownSeconds',
      /Allowed: at least 30/,
    ],
    [
      'an alarm that sees what the watcher sees',
      { watch: { alarms: ['arn:aws:cloudwatch:us-west-2:111122223333:alarm:errors'] } },
      'watch.alarms[0]',
      /no more than the watcher.*Allowed: an alarm of another Region/,
    ],
    [
      'a resolving alarm that dies with the primary',
      { watch: { resolvedBy: ['arn:aws:cloudwatch:us-east-1:111122223333:alarm:errors'] } },
      'watch.resolvedBy[0]',
      /nobody could ask it/,
    ],
    [
      "somebody else's alarm",
      { watch: { alarms: ['arn:aws:cloudwatch:eu-west-1:999922223333:alarm:errors'] } },
      'watch.alarms[0]',
      /account/,
    ],
    ['a backup window that is none', { database: { backupWindow: '2am' } }, 'database.backupWindow', /hh:mm-hh:mm/],
    [
      'one queue for two functions',
      { functions: { a: { entry: 'a.ts', queue: 'q' }, b: { entry: 'b.ts', queue: 'q' } } },
      'functions.b.queue',
      /function a/,
    ],
  ])('%s', (_, change, path, says) => {
    const error = refused(change);
    expect(error.kind).toBe('usage');
    expect(lineAbout(path.replace('aXb', `${'a/'.repeat(14)}b`), change)).toMatch(says);
  });

  test('all that is wrong at once', () => {
    const { message } = refused({ policy: 'auto', database: { storage: 1.5 }, buckets: 'photos' });
    for (const path of ['policy:', 'database.storage:', 'buckets:']) expect(message).toContain(path);
  });
});

describe('secrets in plain text', () => {
  test.each([
    ['by its name', { parameters: { values: { 'db/password': 'hunter2hunter2' } } }, 'hunter2hunter2'],
    ['by its value', { parameters: { values: { seed: 'AKIAIOSFODNN7EXAMPLE' } } }, 'AKIAIOSFODNN7EXAMPLE'],
    ['in the environment', { compute: { web: { ...web, environment: { API_KEY: 'k-2718281828' } } } }, 'k-2718281828'],
    [
      'in a URL',
      { compute: { web: { ...web, environment: { BROKER: 'amqp://app:open-sesame@mq/' } } } },
      'open-sesame',
    ],
    [
      'in user data',
      { compute: { web: { ...web, userData: 'date\nexport DB_PASSWORD="open-sesame"\n' } } },
      'open-sesame',
    ],
    ['in place of a webhook’s name', { notifications: { webhooks: ['https://hooks.example/hush'] } }, 'hush'],
    [
      'that is refused for its form already',
      { compute: { web: { ...web, environment: { PEM: '-----BEGIN PRIVATE KEY-----\nMIIEv' } } } },
      'MIIEv',
    ],
  ])('are refused %s, and not shown', (_, change, secret) => {
    expect(refused(change).message).not.toContain(secret);
  });

  test('are told from numbers, ARNs, paths and references', () => {
    const environment = {
      TOKEN_TTL: '3600',
      SECRET_ARN: 'arn:aws:secretsmanager:us-east-1:111122223333:secret:x',
      PASSWORD_FILE: '/run/secrets/password',
      DB_PASSWORD: '{{resolve:secretsmanager:x}}',
    };
    expect(parseWorkload({ ...smallest, compute: { web: { ...web, environment } } }).compute.web?.environment).toEqual(
      environment,
    );
  });
});

test('networks of any allowed size are cut into four subnets', () => {
  for (const [cidr, bits] of [
    ['10.1.0.0/16', 8],
    ['10.1.0.0/22', 8],
    ['10.1.0.0/23', 7],
    ['10.1.4.0/24', 6],
  ] as const) {
    const network = networkOf(cidr);
    expect(network && subnetBits(network), cidr).toBe(bits);
    expect(4 * 2 ** bits).toBeLessThanOrEqual(network?.size ?? 0);
  }
});

describe('a file of another kind', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-light-test-'));
  const written = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  test.each([
    ['JSON', written('a.json', JSON.stringify({ $schema: './schema.json', ...smallest }))],
    ['YAML', written('a.yaml', stringify(smallest))],
  ])('%s says the same', async (_, file) => {
    expect(parseWorkload(readConfig(file))).toEqual(parseWorkload(smallest));
    expect((await loadWorkload(file)).workload).toEqual(parseWorkload(smallest));
  });

  test.each([
    ['JSON', written('broken.json', '{"name": ')],
    ['YAML', written('broken.yaml', 'name: [')],
  ])('broken %s is refused with the file', async (_, file) => {
    await expect(loadWorkload(file)).rejects.toMatchObject({ kind: 'usage', message: expect.stringContaining(file) });
  });
});

test('editors get a JSON Schema', () => {
  expect(workloadJsonSchema()).toMatchObject({ type: 'object', properties: { name: { type: 'string' } } });
});
