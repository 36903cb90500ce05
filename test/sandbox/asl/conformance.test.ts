/** The cases, put to the sandbox, whose creation of a machine asks asl-validator too. The same data can be put to AWS: see `cases/case.ts`. */

import { beforeAll, describe, expect, test } from 'vitest';
import { newWorld, type World } from '../services/states/world.ts';
import type { Api, Case } from './cases/case.ts';
import { intrinsicCases } from './cases/intrinsics.ts';
import { jsonataCases } from './cases/jsonata.ts';
import { jsonPathCases } from './cases/jsonpath.ts';
import { refusedCases } from './cases/refused.ts';

let world: World;
let api: Api;
beforeAll(() => {
  world = newWorld();
  api = apiOf(world);
});

const check = async ({ definition, input = {}, output, error, cause, history }: Case) => {
  const executionArn = await api.start(await api.create(definition), JSON.stringify(input));
  const ran = await api.ended(executionArn);
  const expected =
    error === undefined ? { status: 'SUCCEEDED', output: JSON.stringify(output) } : { status: 'FAILED', error };
  expect(ran).toMatchObject({ ...expected, ...(cause === undefined ? {} : { cause }) });
  if (history === undefined) return;
  const events = await api.history(executionArn);
  expect(events.map(({ type, previousEventId }) => `${type} ${previousEventId}`)).toEqual(history);
};

describe.each([
  ['intrinsic functions', intrinsicCases],
  ['JSONata', jsonataCases],
  ['JSONPath', jsonPathCases],
] as const)('%s', (_, cases) => {
  test.each(cases.map((one) => [one.name, one] as const))('%s', (_name, one) => check(one));
});

describe('refused', () => {
  test.each(refusedCases.map((one) => [one.name, one] as const))('%s', async (_, { definition, ...diagnostic }) => {
    const text = typeof definition === 'string' ? definition : JSON.stringify(definition);
    const answer = await world.states<{ result: string; diagnostics: { location?: string }[] }>(
      'ValidateStateMachineDefinition',
      { definition: text },
    );
    const { name: _name, ...expected } = diagnostic;
    expect(answer.result).toBe('FAIL');
    expect(answer.diagnostics[0]).toMatchObject(expected);
    if (diagnostic.location === undefined) expect(answer.diagnostics[0]).not.toHaveProperty('location');
    await expect(
      world.create(JSON.parse(text === '' || typeof definition === 'string' ? '{}' : text)),
    ).rejects.toMatchObject({
      code: 'InvalidDefinition',
    });
  });
});

function apiOf(of: World): Api {
  let machines = 0;
  return {
    create: (definition) => of.create(definition, `case-${++machines}`),
    async start(stateMachineArn, input) {
      const { executionArn } = await of.states<{ executionArn: string }>('StartExecution', { stateMachineArn, input });
      return executionArn;
    },
    async ended(executionArn) {
      await of.sandbox.clock.advance(10_000);
      return of.states('DescribeExecution', { executionArn });
    },
    async history(executionArn) {
      const { events } = await of.states<{ events: { type: string; previousEventId: number }[] }>(
        'GetExecutionHistory',
        {
          executionArn,
        },
      );
      return events;
    },
  };
}
