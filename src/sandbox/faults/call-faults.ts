/**
 * Calls that go wrong on their way in: throttled, failing, late. A fault is about the calls its service, operation, Region and the
 * caller's place name, and about the share of them that chance picks.
 *
 *  1. A throttled call is refused at once. A late one is held up in front of the operation, and performed late also when its caller has
 *     given up meanwhile; a Region that went dark in between has lost it.
 *  2. Every call of a principal of the account meets faults: people, programs, CloudFormation, state machines, deliveries with a role.
 *     Of what AWS does by itself (internal principals), only calls through another service's public API that are tried again here
 *     when they fail: launches, and events handed to functions, queues, topics and state machines. What a service tells another of
 *     its own doings (metrics, logs, state changes, policies and keys looked up) doesn't go through a front door on AWS either.
 *  3. A key that a service asks for in somebody's name isn't throttled: it is the service that tries again, and its caller never sees that.
 */

import { sleep } from '../../kernel/clock.ts';
import type { Call, InternalRequest, SandboxCore } from '../contract.ts';
import { AwsError } from '../contract.ts';
import type { Handler } from '../handler.ts';
import { throttlingError } from '../limits/throttling-errors.ts';
import type { FaultOf } from './specs.ts';

export function callFaults(core: SandboxCore): Handler {
  const { faults } = core;
  return (request, call) => {
    const throttles = faults.standing('throttle');
    const failures = faults.standing('api-error');
    const delays = faults.standing('slow-api');
    if (throttles.length + failures.length + delays.length === 0 || !meetsFaults(request)) return undefined;

    const hits = (fault: CallFault): boolean => isAbout(fault, request, call) && isDrawn(core, fault.share);
    if (!isServicesOwnToRetry(request) && throttles.some(hits))
      throw throttlingError(request.service, request.operation, call.account);
    const failure = failures.find(hits);
    const delay = delays.reduce((sum, fault) => (hits(fault) ? sum + fault.milliseconds : sum), 0);
    if (delay > 0) return late(core, request, delay, failure);
    if (failure !== undefined) throw failed(request, failure);
    return undefined;
  };
}

type CallFault = FaultOf<'throttle' | 'api-error' | 'slow-api'>;

const publicCalls: ReadonlySet<string> = new Set([
  'ec2:RunInstances',
  'ec2:TerminateInstances',
  'lambda:Invoke',
  'sns:Publish',
  'sqs:SendMessage',
  'states:StartExecution',
]);

const meetsFaults = ({ principal, service, operation }: InternalRequest): boolean =>
  principal.kind !== 'internal' || publicCalls.has(`${service}:${operation}`);

const isServicesOwnToRetry = ({ calledVia = [], service }: InternalRequest): boolean =>
  service === 'kms' && calledVia.length > 0 && !calledVia.includes('cloudformation');

const isAbout = (fault: CallFault, { service, operation }: InternalRequest, { region, from }: Call): boolean =>
  (fault.service === undefined || fault.service === service) &&
  (fault.operation === undefined || fault.operation === operation) &&
  (fault.region === undefined || fault.region === region) &&
  (fault.from === undefined || fault.from === from);

const isDrawn = ({ random }: SandboxCore, share: number): boolean => share === 1 || random.next() < share;

async function late(
  core: SandboxCore,
  request: InternalRequest,
  delay: number,
  failure: FaultOf<'api-error'> | undefined,
): Promise<void> {
  await sleep(core.clock, delay);
  // A global service may stand in a Region this sandbox doesn't have.
  if (core.regions.includes(request.region) && core.region(request.region).dark) {
    throw new AwsError('ServiceUnavailable', `${request.region} went dark before it answered.`, { status: 503 });
  }
  if (failure !== undefined) throw failed(request, failure);
}

function failed({ service, operation }: InternalRequest, { code, status }: FaultOf<'api-error'>): AwsError {
  const message = `${service}:${operation} fails by a fault that was raised in the sandbox.`;
  return new AwsError(code, message, status === undefined ? {} : { status });
}
