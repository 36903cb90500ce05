/** Running a function: throttling by concurrency, the pool, metrics. The one way in for synchronous, asynchronous and mapped events. */

import { limits } from '../../../facts/limits.ts';
import type { SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { FunctionImage, FunctionRunner, Outcome } from '../../functions/function-image.ts';
import { publishMetric } from '../monitoring/publish.ts';
import type { FunctionKey } from './names.ts';
import { conflict, type FunctionRow, functionArn, functionNamed, lambdaTables, versionOf } from './rows.ts';

export interface Invoked extends Outcome {
  readonly version: string;
  readonly requestId: string;
}

export interface InvocationInput {
  /** JSON text. */
  readonly payload: string;
  readonly requestId: string;
  /** JSON text. */
  readonly clientContext?: string | undefined;
}

export class Invocations {
  readonly #core: SandboxCore;
  readonly #runner: FunctionRunner;
  readonly #running = new Map<string, number>();
  /** By Region, of functions that share what nobody reserved. */
  readonly #sharing = new Map<string, number>();

  constructor(core: SandboxCore, runner: FunctionRunner) {
    this.#core = core;
    this.#runner = runner;
  }

  /** Runs the function once. Rejects with `TooManyRequestsException` when throttled; a failing function is an outcome. */
  async run(region: string, key: FunctionKey, input: InvocationInput): Promise<Invoked> {
    const row = versionOf(this.#core, region, key);
    if (row.state === 'Pending') {
      throw conflict(
        `The operation cannot be performed at this time. The function is currently in the following state: Pending`,
      );
    }
    const id = `${region}/${key.name}`;
    const running = this.#running.get(id) ?? 0;
    const { reservedInEffect } = functionNamed(this.#core, region, key.name);
    const dimensions = { FunctionName: key.name };
    const shares = reservedInEffect === undefined;
    if (shares ? this.#sharedIsUsedUp(region) : running >= reservedInEffect) {
      publishMetric(this.#core, region, 'AWS/Lambda', 'Throttles', dimensions, 1);
      throw throttled(
        shares ? 'ConcurrentInvocationLimitExceeded' : 'ReservedFunctionConcurrentInvocationLimitExceeded',
      );
    }
    this.#running.set(id, running + 1);
    if (shares) add(this.#sharing, region, 1);
    try {
      const invokedArn = functionArn(this.#core, region, key);
      const outcome = await this.#runner.invoke(imageOf(region, row), { ...input, invokedArn });
      publishMetric(this.#core, region, 'AWS/Lambda', 'Invocations', dimensions, 1);
      publishMetric(this.#core, region, 'AWS/Lambda', 'Errors', dimensions, outcome.functionError ? 1 : 0);
      publishMetric(this.#core, region, 'AWS/Lambda', 'Duration', dimensions, outcome.duration, 'Milliseconds');
      return { ...outcome, version: row.version, requestId: input.requestId };
    } finally {
      add(this.#running, id, -1);
      if (shares) add(this.#sharing, region, -1);
    }
  }

  /** What the account has, less what functions reserved for themselves; the least that is left is known without counting. */
  #sharedIsUsedUp(region: string): boolean {
    const running = this.#sharing.get(region) ?? 0;
    if (running < limits.lambda.unreserved_min) return false;
    const functions = lambdaTables(this.#core, region).functions.values();
    const reserved = functions.reduce((sum, row) => sum + (row.reservedInEffect ?? 0), 0);
    return running >= limits.lambda.concurrency_default - reserved;
  }

  /** What ran in a Region that went dark never ends, and no longer counts. */
  regionDark(region: string): void {
    for (const id of this.#running.keys()) if (id.startsWith(`${region}/`)) this.#running.delete(id);
    this.#sharing.delete(region);
  }
}

function imageOf(region: string, row: FunctionRow): FunctionImage {
  return {
    region,
    name: row.name,
    arn: `${row.arn}:${row.version}`,
    version: row.version,
    revision: row.revision,
    folder: row.code.folder,
    handler: row.handler,
    runtime: row.runtime,
    role: row.role,
    timeoutSeconds: row.timeout,
    memoryMegabytes: row.memory,
    environment: row.environment ?? {},
    logGroup: row.logGroup,
    vpc: row.vpc,
  };
}

/** Down to nothing, never below: what ran when a Region went dark is no longer counted, and may still end. */
function add(counts: Map<string, number>, key: string, change: number): void {
  counts.set(key, Math.max(0, (counts.get(key) ?? 0) + change));
}

const throttled = (Reason: string): AwsError =>
  new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
    status: 429,
    fields: { Type: 'User', Reason, retryAfterSeconds: '1' },
  });
