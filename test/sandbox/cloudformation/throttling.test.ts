import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Principal } from '../../../src/sandbox/contract.ts';
import { faultSchema } from '../../../src/sandbox/faults/specs.ts';
import type { Bench } from './fakes.ts';
import { bench, parameter, template } from './fakes.ts';

const ada: Principal = {
  kind: 'user',
  account: '111122223333',
  arn: 'arn:aws:iam::111122223333:user/ada',
  userName: 'ada',
};
const many = template(
  Object.fromEntries(
    Array.from({ length: 20 }, (_, index) => [`P${index}`, parameter({ Name: `/many/${index}`, Value: 'x' })]),
  ),
);

let world: Bench;

beforeEach(() => {
  world = bench();
});
afterEach(() => world.close());

describe('CloudFormation and the rates of its caller', () => {
  test('twenty parameters at three puts a second: throttled, tried again, and created', async () => {
    world.sandbox.dispatcher.guard(world.sandbox.core, { limited: true });
    await world.call('CreateStack', { StackName: 'many', TemplateBody: many }, ada);
    expect(await world.rest('many')).toBe('CREATE_COMPLETE');
    expect(world.parameters.size).toBe(20);
    expect(world.calls.filter(({ operation }) => operation === 'PutParameter')).toHaveLength(20);
  });

  test('an API that only throttles fails the resource in the end, with the service’s words', async () => {
    const { board, core, clock } = world.sandbox;
    await board.raise(faultSchema.parse({ kind: 'throttle', service: 'ssm', operation: 'PutParameter' }));
    const began = clock.now();
    await world.call(
      'CreateStack',
      { StackName: 'one', TemplateBody: template({ A: parameter({ Value: 'x' }) }) },
      ada,
    );
    expect(await world.rest('one')).toMatch(/^ROLLBACK_/);
    expect(clock.now() - began).toBeGreaterThan(300_000);
    const { StackEvents } = await world.call<{ StackEvents: { ResourceStatusReason?: string }[] }>(
      'DescribeStackEvents',
      { StackName: 'one' },
    );
    const reasons = StackEvents.map(({ ResourceStatusReason = '' }) => ResourceStatusReason);
    expect(reasons.some((text) => /Rate exceeded.*HandlerErrorCode: Throttling/.test(text))).toBe(true);
    expect(core.faults.standing('throttle')).toHaveLength(1);
  });

  test('a service that fails now and then doesn’t fail the stack', async () => {
    const { board } = world.sandbox;
    await board.raise(faultSchema.parse({ kind: 'api-error', service: 'ssm', share: 0.2, status: 500 }));
    await world.call('CreateStack', { StackName: 'many', TemplateBody: many }, ada);
    expect(await world.rest('many')).toBe('CREATE_COMPLETE');
  });
});
