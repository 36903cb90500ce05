/** Lambda on a virtual clock, with functions that are code of the test, and the services it reads and writes. */

import type { ServiceFactory } from '../../../../src/sandbox/contract.ts';
import { createLambdaService } from '../../../../src/sandbox/services/lambda/operations.ts';
import { createSqsService } from '../../../../src/sandbox/services/sqs/service.ts';
import { type TestSandbox, testSandbox } from '../../../support/test-sandbox.ts';
import { fakeSts } from '../../functions/fake-sts.ts';
import { zip } from '../../functions/zip.ts';
import { type FakeRunner, fakeRunner } from './fake-runner.ts';

export const region = 'us-east-1';
export const role = 'arn:aws:iam::111122223333:role/worker';

export interface LambdaWorld {
  readonly sandbox: TestSandbox;
  readonly runner: FakeRunner;
  lambda<Output = Record<string, unknown>>(operation: string, input: object): Promise<Output>;
  sqs<Output = Record<string, unknown>>(operation: string, input: object): Promise<Output>;
  /** Creates a function and waits until it is active. */
  create(name: string, more?: object): Promise<void>;
  invoke(name: string, payload?: unknown, more?: object): Promise<Record<string, unknown>>;
}

export function lambdaWorld(others: readonly ServiceFactory[] = []): LambdaWorld {
  const runner = fakeRunner();
  const sandbox = testSandbox([fakeSts, (core) => createLambdaService(core, runner), createSqsService, ...others]);
  const world: LambdaWorld = {
    sandbox,
    runner,
    lambda: (operation, input) => sandbox.call('lambda', operation, input),
    sqs: (operation, input) => sandbox.call('sqs', operation, input),
    create: async (name, more = {}) => {
      const Code = { ZipFile: zip({ 'index.js': `// ${name}` }) };
      const common = { Runtime: 'nodejs20.x', Handler: 'index.handler', Role: role };
      await world.lambda('CreateFunction', { FunctionName: name, Code, ...common, ...more });
      await sandbox.clock.advance(2000);
    },
    invoke: (name, payload = {}, more = {}) =>
      world.lambda('Invoke', { FunctionName: name, Payload: Buffer.from(JSON.stringify(payload)), ...more }),
  };
  return world;
}
