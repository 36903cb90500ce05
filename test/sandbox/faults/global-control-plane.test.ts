/** The control planes of us-east-1 are down: changes of IAM, DNS and buckets are refused everywhere, and what they made goes on working. */

import { CreateRoleCommand, DeleteRoleCommand, GetRoleCommand, IAMClient, ListRolesCommand } from '@aws-sdk/client-iam';
import {
  ChangeResourceRecordSetsCommand,
  CreateHealthCheckCommand,
  CreateHostedZoneCommand,
  DeleteHealthCheckCommand,
  ListResourceRecordSetsCommand,
  Route53Client,
  UpdateHealthCheckCommand,
} from '@aws-sdk/client-route-53';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutPublicAccessBlockCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { outside } from '../../../src/sandbox/contract.ts';
import { needsGlobalControlPlane } from '../../../src/sandbox/faults/global-control-plane.ts';
import { createIamService } from '../../../src/sandbox/services/iam/service.ts';
import { createRoute53Service } from '../../../src/sandbox/services/route53/operations.ts';
import { createS3Service } from '../../../src/sandbox/services/s3/service.ts';
import { createStsService } from '../../../src/sandbox/services/sts/service.ts';
import { testSandbox } from '../../support/test-sandbox.ts';
import { type WiredSandbox, wiredSandbox } from '../../support/wired-sandbox.ts';

const trust = JSON.stringify({
  Statement: [{ Effect: 'Allow', Principal: { AWS: '111122223333' }, Action: 'sts:AssumeRole' }],
});
const record = (value: string) => ({
  Changes: [
    {
      Action: 'UPSERT' as const,
      ResourceRecordSet: { Name: 'www.photos.test', Type: 'A' as const, TTL: 60, ResourceRecords: [{ Value: value }] },
    },
  ],
});

let world: WiredSandbox;
let zone: string;
let check: string;

const settings = (region: string) => ({
  endpoint: world.sandbox.core.endpoint(outside),
  region,
  credentials: world.credentials,
});
const iam = () => new IAMClient(settings('us-east-1'));
const route53 = () => new Route53Client(settings('us-east-1'));
const s3 = (region: string) => new S3Client({ ...settings(region), forcePathStyle: true });

beforeAll(async () => {
  // Route 53's five calls a second are few for what is asked of it here.
  world = await wiredSandbox(
    [
      createIamService,
      createStsService,
      createS3Service,
      (core) => createRoute53Service(core, { probe: () => Promise.resolve({ healthy: true, text: 'Success: 200' }) }),
    ],
    { limits: 'off' },
  );
  await iam().send(new CreateRoleCommand({ RoleName: 'app', AssumeRolePolicyDocument: trust }));
  await s3('us-west-2').send(new CreateBucketCommand({ Bucket: 'photos-recovery' }));
  const { HostedZone } = await route53().send(
    new CreateHostedZoneCommand({ Name: 'photos.test', CallerReference: '1' }),
  );
  zone = HostedZone?.Id ?? '';
  await route53().send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: record('192.0.2.1') }));
  const { HealthCheck } = await route53().send(
    new CreateHealthCheckCommand({
      CallerReference: '1',
      HealthCheckConfig: { Type: 'TCP', IPAddress: '127.0.0.1', Port: 9, RequestInterval: 10 },
    }),
  );
  check = HealthCheck?.Id ?? '';
}, 30_000);
afterAll(() => world[Symbol.asyncDispose]());

test('changes are refused with 503 in every Region, reads and data planes go on, and once lifted all is well', async () => {
  const fault = await world.sandbox.board.raise({ kind: 'global-control-plane-down' });
  const refusals = await Promise.all(
    [
      iam().send(new CreateRoleCommand({ RoleName: 'other', AssumeRolePolicyDocument: trust })),
      iam().send(new DeleteRoleCommand({ RoleName: 'app' })),
      route53().send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: record('192.0.2.9') })),
      route53().send(new CreateHostedZoneCommand({ Name: 'other.test', CallerReference: '2' })),
      route53().send(new UpdateHealthCheckCommand({ HealthCheckId: check, FailureThreshold: 2 })),
      route53().send(new DeleteHealthCheckCommand({ HealthCheckId: check })),
      s3('us-west-2').send(new CreateBucketCommand({ Bucket: 'photos-other' })),
      s3('us-west-2').send(new DeleteBucketCommand({ Bucket: 'photos-recovery' })),
      s3('us-west-2').send(new PutBucketPolicyCommand({ Bucket: 'photos-recovery', Policy: '{}' })),
      s3('us-west-2').send(
        new PutPublicAccessBlockCommand({ Bucket: 'photos-recovery', PublicAccessBlockConfiguration: {} }),
      ),
    ].map((call: Promise<unknown>) => call.catch((error: unknown) => error)),
  );
  for (const refusal of refusals) {
    expect(refusal).toMatchObject({ name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503, attempts: 3 } });
  }

  const { Role } = await iam().send(new GetRoleCommand({ RoleName: 'app' }));
  expect((await iam().send(new ListRolesCommand({}))).Roles?.some(({ RoleName }) => RoleName === 'other')).toBe(false);
  expect(Role?.RoleName).toBe('app');
  expect((await new STSClient(settings('us-west-2')).send(new GetCallerIdentityCommand({}))).Account).toBeDefined();
  const listed = await route53().send(new ListResourceRecordSetsCommand({ HostedZoneId: zone }));
  expect(listed.ResourceRecordSets?.find(({ Type }) => Type === 'A')?.ResourceRecords).toEqual([
    { Value: '192.0.2.1' },
  ]);
  // What was changed before is still on its way to the name servers.
  await vi.waitFor(
    () => expect(world.sandbox.network.resolve('www.photos.test', 'A', outside)?.values).toEqual(['192.0.2.1']),
    { timeout: 20_000 },
  );
  const object = { Bucket: 'photos-recovery', Key: 'a' };
  await s3('us-west-2').send(new PutObjectCommand({ ...object, Body: 'there' }));
  expect(await (await s3('us-west-2').send(new GetObjectCommand(object))).Body?.transformToString()).toBe('there');
  await s3('us-west-2').send(new GetBucketVersioningCommand({ Bucket: 'photos-recovery' }));

  await world.sandbox.board.lift(fault.id);
  const versioning = { Bucket: 'photos-recovery', VersioningConfiguration: { Status: 'Enabled' as const } };
  await s3('us-west-2').send(new PutBucketVersioningCommand(versioning));
  await route53().send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zone, ChangeBatch: record('192.0.2.9') }));
}, 40_000);

describe('which calls need it', () => {
  test('of the services we have: every one that changes IAM, DNS or a bucket’s configuration, and no other', () => {
    const services = [createIamService, createStsService, createS3Service, (core: never) => createRoute53Service(core)];
    const { dispatcher } = testSandbox(services as never);
    const calls = dispatcher.services.flatMap(({ name, operations }) =>
      Object.keys(operations).map((operation) => ({ name: `${name}:${operation}`, service: name, operation })),
    );
    const goesOn = /:(Get|List|Head)|^sts:|^s3:.*(Object|Upload|Part)/;
    for (const { name, ...call } of calls) {
      expect({ name, needed: needsGlobalControlPlane(call) }).toEqual({ name, needed: !goesOn.test(name) });
    }
  });
});
