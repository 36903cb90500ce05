/** Zones, records and what the name servers answer, on a virtual clock. */

import type { ResourceRecordSet } from '@aws-sdk/client-route-53';
import { beforeEach, describe, expect, test } from 'vitest';
import { operation } from '../../../../src/sandbox/contract.ts';
import { createRoute53Service } from '../../../../src/sandbox/services/route53/operations.ts';
import type { Probe } from '../../../../src/sandbox/services/route53/probe.ts';
import { type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';

const [primary, recovery] = ['us-east-1', 'us-west-2'];
const balancers = {
  primary: `photos-1.${primary}.elb.amazonaws.com`,
  recovery: `photos-2.${recovery}.elb.amazonaws.com`,
};
let sandbox: TestSandbox;
let zone: string;
let endpointIsHealthy: boolean;
let targets: Record<string, string[]>;

beforeEach(async () => {
  endpointIsHealthy = true;
  targets = { primary: ['healthy'], recovery: ['healthy'] };
  const probe: Probe = async () => ({
    healthy: endpointIsHealthy,
    text: endpointIsHealthy ? 'Success: 200' : 'Failure: 503',
  });
  sandbox = testSandbox([(core) => createRoute53Service(core, { probe }), fakeBalancers]);
  sandbox.core.network.name(balancers.primary, () => ({ ttl: 60, values: ['127.9.1.1'] }));
  sandbox.core.network.name(balancers.recovery, () => ({ ttl: 60, values: ['127.9.2.1'] }));
  const created = await route53<{ HostedZone: { Id: string } }>('CreateHostedZone', {
    Name: 'photos.example',
    CallerReference: '1',
  });
  zone = created.HostedZone.Id;
  await seconds(31);
});

/** One balancer with one target group in each Region. */
const fakeBalancers = () => ({
  name: 'elasticloadbalancing' as const,
  operations: {
    DescribeLoadBalancers: operation((_input, { region }) => ({
      LoadBalancers: [{ LoadBalancerArn: 'lb', DNSName: region === primary ? balancers.primary : balancers.recovery }],
    })),
    DescribeTargetGroups: operation(() => ({ TargetGroups: [{ TargetGroupArn: 'tg' }] })),
    DescribeTargetHealth: operation((_input, { region }) => ({
      TargetHealthDescriptions: (targets[region === primary ? 'primary' : 'recovery'] ?? []).map((State) => ({
        TargetHealth: { State },
      })),
    })),
  },
});

const route53 = <Output = Record<string, unknown>>(name: string, input: object): Promise<Output> =>
  sandbox.call<Output>('route53', name, input);
const seconds = (count: number): Promise<void> => sandbox.clock.advance(count * 1000);
const change = async (
  Action: string,
  ...sets: ResourceRecordSet[]
): Promise<{ ChangeInfo: { Id: string; Status: string } }> => {
  const Changes = sets.map((ResourceRecordSet) => ({ Action, ResourceRecordSet }));
  return route53('ChangeResourceRecordSets', { HostedZoneId: zone, ChangeBatch: { Changes } });
};
const create = async (...sets: ResourceRecordSet[]): Promise<void> => {
  await change('CREATE', ...sets);
  await seconds(31);
};
const ask = (name: string, type: 'A' | 'TXT' | 'CNAME' | 'NS' = 'A') =>
  sandbox.core.network.resolve(name, type, 'outside');
const a = (Name: string, Value: string, more: Partial<ResourceRecordSet> = {}): ResourceRecordSet => ({
  Name,
  Type: 'A',
  TTL: 30,
  ResourceRecords: [{ Value }],
  ...more,
});
const alias = (
  Name: string,
  DNSName: string,
  more: Partial<ResourceRecordSet> = {},
  EvaluateTargetHealth = false,
): ResourceRecordSet => ({
  Name,
  Type: 'A',
  AliasTarget: { HostedZoneId: 'Z35SXDOTRQ7X7K', DNSName, EvaluateTargetHealth },
  ...more,
});

describe('a change', () => {
  test('is pending for its time, and only then answered', async () => {
    const { ChangeInfo } = await change('CREATE', a('www.photos.example', '10.0.0.1'));
    expect(ChangeInfo.Status).toBe('PENDING');
    await seconds(29);
    expect(ask('www.photos.example')).toBeUndefined();
    await seconds(2);
    expect(ask('www.photos.example')).toEqual({ ttl: 30, values: ['10.0.0.1'] });
    expect(await route53('GetChange', { Id: ChangeInfo.Id })).toMatchObject({ ChangeInfo: { Status: 'INSYNC' } });
  });

  test('stays pending while the control plane’s Region is dark; what is served goes on', async () => {
    await create(a('www.photos.example', '10.0.0.1'));
    await change('UPSERT', a('www.photos.example', '10.0.0.2'));
    sandbox.setDark(primary, true);
    await seconds(600);
    expect(ask('www.photos.example')?.values).toEqual(['10.0.0.1']);
    sandbox.setDark(primary, false);
    expect(ask('www.photos.example')?.values).toEqual(['10.0.0.2']);
  });

  test('is refused while the zone is behind with those before it', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    await Promise.all(names.map((name) => change('CREATE', a(`${name}.photos.example`, '10.0.0.1'))));
    const one = a('f.photos.example', '10.0.0.1');
    await expect(change('CREATE', one)).rejects.toMatchObject({ code: 'PriorRequestNotComplete' });
    await seconds(1);
    await change('CREATE', one);
  });

  test.each([
    ['what exists already', 'CREATE', a('www.photos.example', '10.0.0.2'), 'already exists'],
    ['what lies outside of the zone', 'CREATE', a('www.other.example', '10.0.0.2'), 'not permitted in zone'],
    ['a deletion of what is not there', 'DELETE', a('none.photos.example', '10.0.0.2'), 'not found'],
    ['a deletion with other values', 'DELETE', a('www.photos.example', '10.0.0.2'), 'do not match'],
    [
      'a CNAME at the apex',
      'CREATE',
      { Name: 'photos.example', Type: 'CNAME', TTL: 1, ResourceRecords: [{ Value: 'x' }] },
      'at apex',
    ],
    [
      'a CNAME beside others',
      'CREATE',
      { Name: 'www.photos.example', Type: 'CNAME', TTL: 1, ResourceRecords: [{ Value: 'x' }] },
      'conflicts',
    ],
    ['a record without values', 'CREATE', { Name: 'x.photos.example', Type: 'A', TTL: 1 }, 'Missing field'],
    [
      'routing beside none',
      'UPSERT',
      a('www.photos.example', '1.1.1.1', { SetIdentifier: 'a', Weight: 1 }),
      'different routing policy',
    ],
    [
      'an unknown health check',
      'CREATE',
      a('y.photos.example', '1.1.1.1', { HealthCheckId: 'nope' }),
      'does not exist',
    ],
  ] as [string, string, ResourceRecordSet, string][])(
    'is refused for %s, as a whole',
    async (_, Action, set, message) => {
      await create(a('www.photos.example', '10.0.0.1'));
      const Changes = [
        { Action: 'CREATE', ResourceRecordSet: a('fine.photos.example', '10.0.0.9') },
        { Action, ResourceRecordSet: set },
      ];
      await expect(
        route53('ChangeResourceRecordSets', { HostedZoneId: zone, ChangeBatch: { Changes } }),
      ).rejects.toThrow(message);
      await seconds(60);
      expect(ask('fine.photos.example')).toBeUndefined();
    },
  );

  test('of a routing the sandbox does not play is refused by name', async () => {
    await expect(
      change('CREATE', a('l.photos.example', '1.1.1.1', { SetIdentifier: 'a', Region: 'us-east-1' })),
    ).rejects.toThrow('Region');
  });
});

describe('the name servers', () => {
  test('answer texts, aliases, wildcards, delegations, and tell no such name from no such type', async () => {
    await create(
      { Name: 'txt.photos.example', Type: 'TXT', TTL: 5, ResourceRecords: [{ Value: '"prim" "ary"' }] },
      alias('photos.example', balancers.primary),
      alias('www.photos.example', 'photos.example'),
      a('*.wild.photos.example', '10.0.0.7'),
      { Name: 'name.photos.example', Type: 'CNAME', TTL: 9, ResourceRecords: [{ Value: 'photos.example' }] },
    );
    expect(ask('txt.photos.example', 'TXT')).toEqual({ ttl: 5, values: ['primary'] });
    expect(ask('photos.example')).toEqual({ ttl: 60, values: ['127.9.1.1'] });
    expect(ask('WWW.photos.example')?.values).toEqual(['127.9.1.1']);
    expect(ask('any.wild.photos.example')?.values).toEqual(['10.0.0.7']);
    expect(ask('name.photos.example', 'CNAME')?.values).toEqual(['photos.example']);
    expect(ask('photos.example', 'NS')?.values).toHaveLength(4);
    expect(ask('txt.photos.example')).toEqual({ ttl: 0, values: [] });
    expect(ask('none.photos.example')).toBeUndefined();
  });

  test('answer nothing for a zone that is gone', async () => {
    await create(a('www.photos.example', '10.0.0.1'));
    await expect(route53('DeleteHostedZone', { Id: zone })).rejects.toMatchObject({ code: 'HostedZoneNotEmpty' });
    await change('DELETE', a('www.photos.example', '10.0.0.1'));
    await route53('DeleteHostedZone', { Id: zone });
    expect(ask('photos.example', 'NS')).toBeUndefined();
  });

  test('spread weighted sets by their weight', async () => {
    await create(
      a('w.photos.example', '10.0.0.1', { SetIdentifier: 'a', Weight: 3 }),
      a('w.photos.example', '10.0.0.2', { SetIdentifier: 'b', Weight: 1 }),
      a('w.photos.example', '10.0.0.3', { SetIdentifier: 'c', Weight: 0 }),
    );
    const seen = Array.from({ length: 400 }, () => ask('w.photos.example')?.values[0]);
    const count = (value: string): number => seen.filter((one) => one === value).length;
    expect(count('10.0.0.1')).toBeGreaterThan(250);
    expect(count('10.0.0.2')).toBeGreaterThan(50);
    expect(count('10.0.0.3')).toBe(0);
  });
});

describe('failover', () => {
  const check = async (config: object): Promise<string> => {
    const input = { CallerReference: JSON.stringify(config), HealthCheckConfig: config };
    return (await route53<{ HealthCheck: { Id: string } }>('CreateHealthCheck', input)).HealthCheck.Id;
  };
  const endpoint = {
    Type: 'HTTPS',
    FullyQualifiedDomainName: balancers.primary,
    RequestInterval: 10,
    FailureThreshold: 3,
  };
  const pair = (more: Partial<ResourceRecordSet>, evaluate = false): ResourceRecordSet[] => [
    alias('photos.example', balancers.primary, { SetIdentifier: 'p', Failover: 'PRIMARY', ...more }, evaluate),
    alias('photos.example', balancers.recovery, { SetIdentifier: 's', Failover: 'SECONDARY' }, evaluate),
  ];
  const answer = (): string | undefined => ask('photos.example')?.values[0];

  test('follows a health check, whether or not targets are evaluated', async () => {
    await create(...pair({ HealthCheckId: await check(endpoint) }));
    expect(answer()).toBe('127.9.1.1');
    endpointIsHealthy = false;
    await seconds(25);
    expect(answer()).toBe('127.9.1.1');
    await seconds(20);
    expect(answer()).toBe('127.9.2.1');
    endpointIsHealthy = true;
    await seconds(45);
    expect(answer()).toBe('127.9.1.1');
  });

  test('inverted and calculated checks are what they say', async () => {
    const watched = await check(endpoint);
    const inverted = await check({ ...endpoint, Inverted: true });
    const both = await check({ Type: 'CALCULATED', ChildHealthChecks: [watched, inverted], HealthThreshold: 2 });
    await create(...pair({ HealthCheckId: both }));
    expect(answer()).toBe('127.9.2.1');
    const status = await route53<{ HealthCheckObservations: { StatusReport: { Status: string } }[] }>(
      'GetHealthCheckStatus',
      { HealthCheckId: both },
    );
    expect(status.HealthCheckObservations[0]?.StatusReport.Status).toMatch(/^Failure/);
    await route53('UpdateHealthCheck', { HealthCheckId: both, HealthThreshold: 1 });
    expect(answer()).toBe('127.9.1.1');
    await expect(route53('DeleteHealthCheck', { HealthCheckId: watched })).rejects.toMatchObject({
      code: 'HealthCheckInUse',
    });
  });

  test('with targets evaluated follows the balancer’s targets, and the Region’s light', async () => {
    await create(...pair({}, true));
    expect(answer()).toBe('127.9.1.1');
    targets.primary = [];
    await seconds(11);
    expect(answer()).toBe('127.9.2.1');
    targets.primary = ['unhealthy', 'healthy'];
    await seconds(11);
    expect(answer()).toBe('127.9.1.1');
    sandbox.setDark(primary, true);
    await seconds(11);
    expect(answer()).toBe('127.9.2.1');
    targets.recovery = [];
    await seconds(11);
    expect(answer()).toBe('127.9.1.1');
  });

  test('without either never leaves the primary by itself', async () => {
    await create(...pair({}));
    targets.primary = [];
    sandbox.setDark(primary, true);
    await seconds(600);
    expect(answer()).toBe('127.9.1.1');
  });
});

test('zones and records are listed in the order of their names, page by page', async () => {
  await route53('CreateHostedZone', { Name: 'apple.example', CallerReference: '2' });
  await expect(route53('CreateHostedZone', { Name: 'x.example', CallerReference: '2' })).rejects.toMatchObject({
    code: 'HostedZoneAlreadyExists',
  });
  const byName = await route53<{ HostedZones: { Name: string }[] }>('ListHostedZonesByName', {});
  expect(byName.HostedZones.map(({ Name }) => Name)).toEqual(['apple.example.', 'photos.example.']);
  expect(await route53('ListHostedZonesByName', { DNSName: 'photos.example', MaxItems: 1 })).toMatchObject({
    HostedZones: [{ Name: 'photos.example.' }],
    IsTruncated: false,
  });
  await create(a('b.photos.example', '1.1.1.1'), a('a.photos.example', '1.1.1.1'));
  type Sets = {
    ResourceRecordSets: ResourceRecordSet[];
    IsTruncated: boolean;
    NextRecordName: string;
    NextRecordType: string;
  };
  const first = await route53<Sets>('ListResourceRecordSets', { HostedZoneId: zone, MaxItems: 3 });
  expect(first).toMatchObject({ IsTruncated: true, NextRecordName: 'b.photos.example.' });
  const rest = { HostedZoneId: zone, StartRecordName: first.NextRecordName, StartRecordType: first.NextRecordType };
  expect(await route53('ListResourceRecordSets', rest)).toMatchObject({
    ResourceRecordSets: [{ Name: 'b.photos.example.' }],
    IsTruncated: false,
  });
});

test('a zone’s comment can be changed', async () => {
  await route53('UpdateHostedZoneComment', { Id: zone, Comment: 'photos' });
  expect(await route53('GetHostedZone', { Id: zone })).toMatchObject({ HostedZone: { Config: { Comment: 'photos' } } });
});

test('private zones are refused by name', async () => {
  await expect(
    route53('CreateHostedZone', { Name: 'x', CallerReference: '9', VPC: { VPCId: 'vpc-1', VPCRegion: primary } }),
  ).rejects.toThrow('private hosted zones');
});
