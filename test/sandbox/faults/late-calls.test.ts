/** Faults of calls where only a clock in hand can show them: lateness, darkness in between, and who is spared. */

import { describe, expect, test } from 'vitest';
import type { Principal } from '../../../src/sandbox/contract.ts';
import { operation } from '../../../src/sandbox/contract.ts';
import { faultSchema } from '../../../src/sandbox/faults/specs.ts';
import { testSandbox } from '../../support/test-sandbox.ts';

const ada: Principal = {
  kind: 'user',
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/ada',
  userName: 'ada',
};

function world() {
  const performed: string[] = [];
  const told =
    (name: 'lambda' | 'monitoring' | 'ssm', ...operations: string[]) =>
    () => ({
      name,
      operations: Object.fromEntries(
        operations.map((one) => [one, operation(() => ({ count: performed.push(`${name}:${one}`) }))]),
      ),
    });
  const sandbox = testSandbox([
    told('lambda', 'Invoke', 'GetPolicy'),
    told('monitoring', 'PutMetricData'),
    told('ssm', 'PutParameter'),
  ]);
  const raise = (spec: object) => sandbox.board.raise(faultSchema.parse(spec));
  const put = () => sandbox.call('ssm', 'PutParameter', { Name: 'n', Value: 'v' }, 'us-east-1', ada);
  return { ...sandbox, performed, raise, put };
}

describe('a slow API', () => {
  test('performs late, on AWS time, whether or not anybody still waits', async () => {
    const { raise, put, clock, performed } = world();
    await raise({ kind: 'slow-api', service: 'ssm', milliseconds: 5000 });
    const answer = put();
    await clock.advance(4999);
    expect(performed).toEqual([]);
    await clock.advance(1);
    await answer;
    expect(performed).toEqual(['ssm:PutParameter']);
  });

  test('that also fails, fails late; that is throttled, is throttled at once', async () => {
    const { raise, put, clock } = world();
    await raise({ kind: 'slow-api', milliseconds: 5000 });
    await raise({ kind: 'api-error', code: 'InternalServerError', status: 500 });
    let error: unknown;
    const answer = put().catch((thrown: unknown) => {
      error = thrown;
    });
    await clock.advance(4999);
    expect(error).toBeUndefined();
    await clock.advance(1);
    await answer;
    expect(error).toMatchObject({ code: 'InternalServerError', status: 500 });
    await raise({ kind: 'throttle' });
    await expect(put()).rejects.toMatchObject({ code: 'ThrottlingException' });
  });

  test('of a Region that went dark in between has lost the call', async () => {
    const { raise, put, clock, performed, ...sandbox } = world();
    await raise({ kind: 'slow-api', milliseconds: 5000 });
    const answer = put().catch((thrown: unknown) => thrown);
    sandbox.setDark('us-east-1', true);
    await clock.advance(5000);
    sandbox.setDark('us-east-1', false);
    expect(await answer).toMatchObject({ status: 503 });
    expect(performed).toEqual([]);
  });
});

test('AWS’s own services meet faults where they call a public API, not where they tell each other what they do', async () => {
  const { raise, performed, ...sandbox } = world();
  await raise({ kind: 'api-error' });
  await expect(sandbox.call('lambda', 'Invoke', {})).rejects.toMatchObject({ code: 'InternalFailure' });
  await sandbox.call('lambda', 'GetPolicy', {});
  await sandbox.call('monitoring', 'PutMetricData', {});
  expect(performed).toEqual(['lambda:GetPolicy', 'monitoring:PutMetricData']);
});
