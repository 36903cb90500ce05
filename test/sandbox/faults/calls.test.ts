/** A fault that would never meet a call is refused, with what was probably meant. */

import { describe, expect, it } from 'vitest';
import { checkFaultCalls } from '../../../src/sandbox/control/fault-input.ts';
import { checkCalls } from '../../../src/sandbox/faults/calls.ts';
import type { FaultSpec } from '../../../src/sandbox/faults/specs.ts';
import { faultSchema } from '../../../src/sandbox/faults/specs.ts';
import { createSqsService } from '../../../src/sandbox/services/sqs/service.ts';
import { testSandbox } from '../../support/test-sandbox.ts';

const known = new Map([
  ['monitoring', ['PutMetricData', 'PutMetricAlarm']],
  ['sqs', ['SendMessage', 'SendMessageBatch', 'ReceiveMessage']],
  ['ssm', ['PutParameter', 'GetParameter', 'GetParameters']],
]);
const throttle = (calls: object): FaultSpec => faultSchema.parse({ kind: 'throttle', ...calls });

describe('calls nobody makes', () => {
  it.each<[object, RegExp]>([
    [{ service: 'smm' }, /throttle is about a service that isn't there\. Given: smm\. Allowed: ssm, /],
    [{ service: 'cloudwatch' }, /Allowed: monitoring, .* cloudwatch is monitoring to a signature\.$/],
    [
      { service: 'ssm', operation: 'GetParametr' },
      /ssm doesn't have here\. Given: GetParametr\. Allowed: GetParameter, /,
    ],
    [{ service: 'ssm', operation: 'getparameters' }, /Given: getparameters\. Allowed: GetParameters, GetParameter, /],
    [{ service: 'ssm', operation: 'SendMessage' }, / SendMessage is an operation of sqs\.$/],
    [{ operation: 'SendMesage' }, /an operation that no service here has\. Given: SendMesage\. Allowed: SendMessage, /],
    [{ service: 'ssm', operation: '' }, /ssm doesn't have here/],
  ])('%j', (calls, says) => {
    const refusal = expect.objectContaining({ kind: 'usage', message: expect.stringMatching(says) });
    expect(() => checkCalls(throttle(calls), known)).toThrow(refusal);
  });

  it.each([{}, { service: 'sqs' }, { service: 'sqs', operation: 'SendMessage' }, { operation: 'GetParameter' }])(
    'those that are made: %j',
    (calls) => expect(() => checkCalls(throttle(calls), known)).not.toThrow(),
  );

  it('are refused by a running sandbox before anything stands', async () => {
    const { board } = testSandbox([createSqsService]);
    await expect(board.raise(throttle({ service: 'sqs', operation: 'SendMesage' }))).rejects.toThrow('SendMessage');
    await expect(board.raise(throttle({ service: 'lambda' }))).rejects.toThrow('Allowed: sqs');
    expect(board.list()).toEqual([]);
  });

  it('are refused of a scenario before there is a sandbox, by what AWS has', async () => {
    await expect(checkFaultCalls(throttle({ service: 'rds', operation: 'PromoteReadReplca' }))).rejects.toThrow(
      /Allowed: PromoteReadReplica, .* more\./,
    );
    await expect(checkFaultCalls(throttle({ service: 'stepfunctions' }))).rejects.toThrow(/Allowed: states/);
    await expect(
      checkFaultCalls(throttle({ service: 'rds', operation: 'PromoteReadReplica' })),
    ).resolves.toBeUndefined();
  });
});
