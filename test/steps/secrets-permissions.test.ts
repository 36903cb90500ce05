/** The steps of the database's passwords as the role of their function, within its boundary: nothing they do is refused. */

import { randomUUID } from 'node:crypto';
import { CreatePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateSecretCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { baseContext } from '../../src/engines/base.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { boundaryName, boundaryOf } from '../../src/plan/boundary.ts';
import { rolesOf, statementsOf } from '../../src/plan/roles.ts';
import { createIamService } from '../../src/sandbox/services/iam/service.ts';
import { createKmsService } from '../../src/sandbox/services/kms/service.ts';
import { createSecretsManagerService } from '../../src/sandbox/services/secretsmanager/service.ts';
import { createStsService } from '../../src/sandbox/services/sts/service.ts';
import { bringSecretsHome, releaseSecrets, replicateSecrets } from '../../src/steps/secrets.ts';
import type { Step, StepContext } from '../../src/steps/step.ts';
import { parseWorkload } from '../../src/workload/parse.ts';
import { judgedSandbox } from '../support/wired-sandbox.ts';

const [here, there] = ['us-east-1', 'us-west-2'] as const;
const workload = parseWorkload({
  name: 'photos',
  primary: { region: here },
  recovery: { region: there },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
});

test('the role may release, change home and replicate them, and reads them only where one was changed', async () => {
  await using judged = await judgedSandbox([
    createIamService,
    createStsService,
    createKmsService,
    createSecretsManagerService,
  ]);
  const { clock } = judged.sandbox;
  clock.setCeiling(Number.POSITIVE_INFINITY);
  const spec = rolesOf(workload).find(({ name }) => name.startsWith('dev-dr-database'));
  if (spec === undefined) throw new Error('there is no such role');
  const iam = await judged.clients(here).iam();
  const { Policy } = await iam.send(
    new CreatePolicyCommand({
      PolicyName: boundaryName(workload),
      PolicyDocument: JSON.stringify(boundaryOf(workload)),
    }),
  );
  const trusting = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: 'arn:aws:iam::111122223333:root' } };
  await iam.send(
    new CreateRoleCommand({
      RoleName: spec.name,
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trusting] }),
      PermissionsBoundary: Policy?.Arn,
      MaxSessionDuration: 43_200,
    }),
  );
  await iam.send(
    new PutRolePolicyCommand({
      RoleName: spec.name,
      PolicyName: 'grants',
      PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: statementsOf(spec.grants) }),
    }),
  );
  const base = baseContext({ workload, clock, ids: systemIds, clientsFor: await judged.as(spec.name) });
  const context = base as unknown as StepContext;
  const { masterSecret, applicationSecret } = base.names;
  const owner = (region: string) => judged.clients(region).secrets();
  for (const Name of [masterSecret, applicationSecret]) {
    const AddReplicaRegions = [{ Region: there }];
    await (await owner(here)).send(new CreateSecretCommand({ Name, SecretString: 'first', AddReplicaRegions }));
  }
  const until = (step: Step) =>
    expect
      .poll(
        async () => {
          if ((await step.check?.(context)) === true) return true;
          await step.act?.(context);
          return (await step.verify?.(context)) ?? true;
        },
        { timeout: 20_000, interval: 50 },
      )
      .toBe(true);
  await expect
    .poll(() =>
      base
        .on('recovery')
        .secrets.describe(masterSecret)
        .catch(() => undefined),
    )
    .toBeDefined();
  await expect
    .poll(() =>
      base
        .on('recovery')
        .secrets.describe(applicationSecret)
        .catch(() => undefined),
    )
    .toBeDefined();

  await until(releaseSecrets);
  const changed = { SecretId: masterSecret, SecretString: 'second', ClientRequestToken: randomUUID() };
  await (await owner(there)).send(new PutSecretValueCommand(changed));
  await bringSecretsHome.act?.(context);
  await until(replicateSecrets);
  expect((await base.on('recovery').secrets.read(masterSecret)).value).toBe('second');
  expect(await base.on('primary').secrets.describe(masterSecret)).toMatchObject({ replicas: { [there]: 'InSync' } });
});
