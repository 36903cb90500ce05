/** What a resource type works with: calls as the stack's principal, waits on the Region's clock, names, custom resources. */

import { acceleratorControlPlaneRegion } from '../../facts/regions.ts';
import { sleep } from '../../kernel/clock.ts';
import type { SandboxCore, ServiceName } from '../contract.ts';
import { AwsError } from '../contract.ts';
import { askCustomResource } from './custom-resource-request.ts';
import { passedOn } from './identity.ts';
import type { JsonObject } from './json.ts';
import { memoryOf } from './memory.ts';
import type { ResourceContext } from './resource-type.ts';
import { shaped } from './shape.ts';
import type { StackRun } from './stack-run.ts';

export interface Subject {
  readonly logicalId: string;
  readonly type: string;
  readonly updatePolicy: JsonObject;
  readonly properties: JsonObject;
  created(id: string, attributes: JsonObject): void;
}

/** Waits between polls, in milliseconds of AWS time: soon at first, for what is quick; then rarely, for what isn't. */
const firstPoll = 500;
const slowestPoll = 10_000;

const defaultMinutes = 60;

export function resourceContext(run: StackRun, subject: Subject): ResourceContext {
  const { core, region } = run;
  const { clock } = core.region(region);
  const memory = memoryOf(core, region, workOn(run, subject.logicalId));

  const call: ResourceContext['call'] = async (service, operation, input, at) => {
    // In the dark nothing of the Region moves: a zero wait on its clock ends when it is back.
    if (core.region(region).dark) await sleep(clock, 0);
    const whole = await shaped(service, operation, input);
    const to = at ?? homes[service] ?? region;
    if (
      at !== undefined &&
      at !== region &&
      !(core.network.reachable(region, at) && core.network.reachable(at, region))
    )
      throw new AwsError('ServiceUnavailable', `${service} in ${at} doesn't answer.`, { status: 503 });
    if (at === undefined && to !== region) await untilAnswered(core, region, to, service);
    return memory.call({ service, operation, region: to, from: region, input: whole, ...passedOn(run.principal) });
  };

  const context: ResourceContext = {
    account: core.account,
    region,
    stackId: run.stackId,
    stackName: run.stack.name,
    logicalId: subject.logicalId,
    type: subject.type,
    updatePolicy: subject.updatePolicy,
    kept: subject.properties,
    rollingBack: run.rollingBack,
    call,
    async until(what, probe, minutes = defaultMinutes) {
      const deadline = clock.now() + minutes * 60_000;
      for (let wait = firstPoll; ; wait = Math.min(wait * 1.5, slowestPoll)) {
        const found = await probe();
        if (found !== undefined && found !== false) return found;
        if (run.cancelled !== undefined) throw new AwsError('Cancelled', run.cancelled);
        if (clock.now() >= deadline) {
          throw new AwsError('NotStabilized', `Exceeded attempts to wait for ${what} (${minutes} minutes)`);
        }
        await sleep(clock, wait);
      }
    },
    created: (id, attributes = {}) => subject.created(id, attributes),
    physicalName(limit, style = 'as is') {
      return memory.once(() => {
        const tail = core.ids.hex(12);
        const head = `${run.stack.name}-${subject.logicalId}`.slice(0, limit - tail.length - 1);
        return style === 'lower case' ? `${head}-${tail}`.toLowerCase() : `${head}-${tail.toUpperCase()}`;
      });
    },
    once: (make) => memory.once(make),
    askCustomResource: (request) => askCustomResource(run, context, request),
    arn: (service, resource) => `arn:aws:${service}:${region}:${core.account}:${resource}`,
  };
  return context;
}

/** Services that a stack of any Region asks in one and the same. */
const homes: { readonly [Name in ServiceName]?: string } = { globalaccelerator: acceleratorControlPlaneRegion };
/** Milliseconds of AWS time that an SDK waits for an answer, its own retries included. An estimate. */
const callPatience = 60_000;

/** A call into a Region that can't be heard isn't waited for until that is back: it fails, as the SDK's does. */
async function untilAnswered(core: SandboxCore, region: string, to: string, service: ServiceName): Promise<void> {
  if (!core.regions.includes(to) || (core.network.reachable(region, to) && core.network.reachable(to, region))) return;
  await sleep(core.region(region).clock, callPatience);
  throw new AwsError('ServiceUnavailable', `${service} did not answer in ${to}: the connection timed out`, {
    status: 503,
  });
}

/** What the work on a resource is remembered by. */
export const workOn = (run: StackRun, logicalId: string): string => `${run.stackId} ${logicalId}`;

/** Whether an error says that what was asked for isn't there. */
export const isGone = (error: unknown): boolean =>
  error instanceof AwsError && /NotFound|NoSuch|NonExistent|DoesNotExist/.test(error.code);

/** Deletes what may be gone already. */
export async function unlessGone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}
