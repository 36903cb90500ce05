/** Route 53: alias and failover records, health checks, and one change after the other. */

import {
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  DeleteHealthCheckCommand,
  DeleteHostedZoneCommand,
  GetChangeCommand,
  GetHealthCheckCommand,
  HealthCheckAlreadyExists,
  type HealthCheckConfig,
  HealthCheckVersionMismatch,
  HostedZoneAlreadyExists,
  InvalidChangeBatch,
  InvalidInput,
  ListResourceRecordSetsCommand,
  NoSuchChange,
  NoSuchHealthCheck,
  paginateListHealthChecks,
  type ResourceRecordSet,
  Route53Client,
  UpdateHealthCheckCommand,
  waitUntilResourceRecordSetsChanged,
} from '@aws-sdk/client-route-53';
import { expect } from 'vitest';
import type { ContractTarget } from '../contract.ts';
import { contractCase, pagesOf, refused } from '../contract.ts';

export const routing = [
  contractCase(
    'failover records come in pairs, each told apart by its own identifier and led by its health check',
    async (target) => {
      const { client, Name, change, HostedZoneId } = await zoneOf(target);
      const HealthCheckId = await checkOf(target, client, endpoint);
      const record = (Failover: 'PRIMARY' | 'SECONDARY', Value: string, more: object = {}): ResourceRecordSet => ({
        Name: `app.${Name}`,
        Type: 'A',
        TTL: 60,
        SetIdentifier: Failover.toLowerCase(),
        Failover,
        ResourceRecords: [{ Value }],
        ...more,
      });
      const primary = record('PRIMARY', '192.0.2.1', { HealthCheckId });
      const secondary = record('SECONDARY', '192.0.2.2');
      const pending = await change(['CREATE', primary], ['CREATE', secondary]);
      expect(pending).toMatchObject({ Status: 'PENDING' });
      await waitUntilResourceRecordSetsChanged({ client, ...target.waiting }, { Id: pending?.Id });
      expect((await client.send(new GetChangeCommand({ Id: pending?.Id }))).ChangeInfo?.Status).toBe('INSYNC');
      const listed = async () =>
        (await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }))).ResourceRecordSets?.filter(
          (set) => set.Name === `app.${Name}`,
        );
      expect(await listed()).toEqual([primary, secondary]);
      for (const wrong of [
        record('PRIMARY', '192.0.2.3', { SetIdentifier: 'another' }),
        { Name: `app.${Name}`, Type: 'A' as const, TTL: 60, ResourceRecords: [{ Value: '192.0.2.4' }] },
        record('PRIMARY', '192.0.2.5', { SetIdentifier: undefined, Name: `other.${Name}` }),
      ]) {
        await refused(change(['CREATE', wrong]), InvalidChangeBatch, 400).catch(async (error: unknown) => {
          // A record with failover and without an identifier is refused before the batch is looked at.
          await refused(change(['CREATE', wrong]), InvalidInput, 400).catch(() => {
            throw error;
          });
        });
      }
      await change(['DELETE', primary], ['DELETE', secondary]);
      expect(await listed()).toEqual([]);
    },
    { cost: 'cents', minutes: 4 },
  ),

  contractCase(
    'an alias has no time to live of its own, and points at what is there',
    async (target) => {
      const { client, Name, change, HostedZoneId } = await zoneOf(target);
      const goal: ResourceRecordSet = {
        Name: `goal.${Name}`,
        Type: 'A',
        TTL: 60,
        ResourceRecords: [{ Value: '192.0.2.1' }],
      };
      const alias = (DNSName: string, more: object = {}): ResourceRecordSet => ({
        Name,
        Type: 'A',
        AliasTarget: { HostedZoneId: HostedZoneId?.replace('/hostedzone/', ''), DNSName, EvaluateTargetHealth: false },
        ...more,
      });
      await change(['CREATE', goal], ['CREATE', alias(`goal.${Name}`)]);
      const { ResourceRecordSets = [] } = await client.send(new ListResourceRecordSetsCommand({ HostedZoneId }));
      const [shown] = ResourceRecordSets.filter((set) => set.Type === 'A' && set.Name === Name);
      expect(shown).toMatchObject(alias(`goal.${Name}`));
      expect(shown?.TTL).toBeUndefined();
      await refused(change(['CREATE', { ...alias(`none.${Name}`), Name: `x.${Name}` }]), InvalidChangeBatch, 400, {
        message: expect.stringContaining('but that target was not found'),
      });
      await change(['DELETE', alias(`goal.${Name}`)], ['DELETE', goal]);
    },
    { cost: 'cents', minutes: 4 },
  ),

  contractCase(
    'a health check keeps what can not change, counts its versions, and is made once for a reference',
    async (target) => {
      const client = target.client(Route53Client);
      const CallerReference = target.name();
      const create = (HealthCheckConfig: HealthCheckConfig) =>
        client.send(new CreateHealthCheckCommand({ CallerReference, HealthCheckConfig }));
      const { HealthCheck } = await create(endpoint);
      const HealthCheckId = HealthCheck?.Id;
      target.after(() => client.send(new DeleteHealthCheckCommand({ HealthCheckId })));
      expect(HealthCheck).toMatchObject({ HealthCheckVersion: 1, HealthCheckConfig: { ...endpoint, Inverted: false } });
      expect((await create(endpoint)).HealthCheck?.Id).toBe(HealthCheckId);
      await refused(create({ ...endpoint, Port: 8080 }), HealthCheckAlreadyExists, 409);
      const update = (more: object) => client.send(new UpdateHealthCheckCommand({ HealthCheckId, ...more }));
      await update({ FailureThreshold: 1, Inverted: true, HealthCheckVersion: 1 });
      const now = await client.send(new GetHealthCheckCommand({ HealthCheckId }));
      expect(now.HealthCheck).toMatchObject({
        HealthCheckVersion: 2,
        HealthCheckConfig: { ...endpoint, FailureThreshold: 1, Inverted: true },
      });
      await refused(update({ FailureThreshold: 2, HealthCheckVersion: 1 }), HealthCheckVersionMismatch, 409);
      await refused(update({ FailureThreshold: 11 }), InvalidInput, 400);
      const listed = await pagesOf(paginateListHealthChecks({ client, pageSize: 1 }, {}));
      expect(listed.flatMap(({ HealthChecks = [] }) => HealthChecks.map(({ Id }) => Id))).toContain(HealthCheckId);

      const calculated = await checkOf(target, client, {
        Type: 'CALCULATED',
        HealthThreshold: 1,
        ChildHealthChecks: [HealthCheckId ?? ''],
      });
      const { HealthCheck: parent } = await client.send(new GetHealthCheckCommand({ HealthCheckId: calculated }));
      expect(parent?.HealthCheckConfig?.ChildHealthChecks).toEqual([HealthCheckId]);
      for (const wrong of [{ ...endpoint, RequestInterval: 15 }, { Type: 'CLOUDWATCH_METRIC' as const }]) {
        const call = new CreateHealthCheckCommand({ CallerReference: target.name(), HealthCheckConfig: wrong });
        await refused(client.send(call), InvalidInput, 400).catch((error: unknown) => {
          throw new Error(`${JSON.stringify(wrong)}: ${String(error)}`);
        });
      }
      await refused(
        client.send(new DeleteHealthCheckCommand({ HealthCheckId: '11111111-1111-4111-8111-111111111111' })),
        NoSuchHealthCheck,
        404,
      );
    },
    { cost: 'cents' },
  ),

  contractCase(
    'bad input: zones and changes that are there already, or not at all',
    async (target) => {
      const { client, Name, CallerReference } = await zoneOf(target);
      await refused(client.send(new CreateHostedZoneCommand({ Name, CallerReference })), HostedZoneAlreadyExists, 409);
      await refused(client.send(new GetChangeCommand({ Id: 'C0000000000NONE' })), NoSuchChange, 404);
    },
    { cost: 'cents' },
  ),
];

const endpoint = {
  Type: 'HTTP',
  FullyQualifiedDomainName: 'contract.example.com',
  Port: 80,
  ResourcePath: '/alive',
  RequestInterval: 30,
  FailureThreshold: 3,
} satisfies HealthCheckConfig;

async function checkOf(target: ContractTarget, client: Route53Client, HealthCheckConfig: HealthCheckConfig) {
  const { HealthCheck } = await client.send(
    new CreateHealthCheckCommand({ CallerReference: target.name(), HealthCheckConfig }),
  );
  target.after(() => client.send(new DeleteHealthCheckCommand({ HealthCheckId: HealthCheck?.Id })));
  return HealthCheck?.Id ?? '';
}

async function zoneOf(target: ContractTarget) {
  const client = target.client(Route53Client);
  const Name = `${target.name()}.example.`;
  const CallerReference = target.name();
  const { HostedZone } = await client.send(new CreateHostedZoneCommand({ Name, CallerReference }));
  const HostedZoneId = HostedZone?.Id;
  target.after(() => client.send(new DeleteHostedZoneCommand({ Id: HostedZoneId })));
  const change = async (...changes: ['CREATE' | 'DELETE' | 'UPSERT', ResourceRecordSet][]) => {
    const Changes = changes.map(([Action, set]) => ({ Action, ResourceRecordSet: set }));
    const answer = await client.send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch: { Changes } }));
    return answer.ChangeInfo;
  };
  return { client, Name, CallerReference, HostedZoneId, change };
}
