/**
 * The front door of every API: what happens to a request, in order, on one screen. It knows nothing of sockets, so clients in this
 * process come through it too.
 *
 *  1. The network decides about a request before anything else looks at it: what it keeps from the addressed Region says nothing.
 *  2. Everything the sandbox can't or won't do is answered in the caller's protocol, with AWS's error for it or the operation's name.
 */

import { acceleratorControlPlaneRegion, globalControlPlaneRegion } from '../../facts/regions.ts';
import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Origin, Place, SandboxCore, ServiceName } from '../contract.ts';
import { AwsError, outside } from '../contract.ts';
import type { Dispatcher } from '../dispatch.ts';
import type { Api } from '../protocols/api.ts';
import { apiOf, servicesOnTheWire } from '../protocols/api.ts';
import { contentTypeOf, converse, documentFormatOf, errorStyleOf, protocolOf } from '../protocols/conversation.ts';
import { asAwsError, errorToWire } from '../protocols/errors.ts';
import type { WireRequest, WireResponse } from '../protocols/message.ts';
import type { CredentialLookup } from './authenticate.ts';
import { authenticate, callersClock } from './authenticate.ts';
import { Payload } from './payload.ts';
import type { Signature } from './signature.ts';
import { readSignature } from './signature.ts';

export interface FrontDoor {
  readonly core: Pick<SandboxCore, 'regions' | 'ids' | 'log' | 'clock'>;
  readonly dispatcher: Dispatcher;
  readonly credentials: CredentialLookup;
  /** The clock of callers outside. */
  readonly wall: Clock;
  /** What stands between a caller in a VPC and the APIs; without it, nothing. */
  readonly passage?: Passage;
  crossing(from: Place, to: Place, signal?: AbortSignal): Promise<void>;
}

/** Who sent a request, as the network knows it. */
export interface Sender {
  readonly address: string;
  /** The connection it came on. */
  readonly connection: object;
}

/** Settles when the network lets the call through; hangs while it doesn't. Rejects with the signal's reason when it is aborted. */
export type Passage = (
  sender: Sender,
  to: { readonly service: string; readonly region: string },
  signal: AbortSignal,
) => Promise<Origin>;

/** Answers a request that arrived over the listener of `from`. Rejects only when `signal` ends it: then nobody waits for an answer. */
export async function answer(
  door: FrontDoor,
  request: WireRequest,
  from: Place,
  signal: AbortSignal,
  sender?: Sender,
): Promise<WireResponse> {
  const requestId = door.core.ids.uuid();
  let target: Target | undefined;
  let api: Api | undefined;
  let response: WireResponse;
  try {
    target = addressed(door, request);
    const origin = await originOf(door, sender, target, signal);
    await door.crossing(from, target.place, signal);
    const service = serviceOf(target);
    api = await apiOf(service);
    const payload = new Payload(request, limits[service] ?? usualLimit);
    const principal = await authenticate(
      { credentials: door.credentials, clocks: clocksOf(door) },
      target.signature,
      request,
      payload,
    );
    const { operation, input, output } = await converse(api, protocolOf(api, request), request, payload);
    const { region } = target;
    const asked = { service, operation: operation.name, region, input: await input(), principal, from, requestId };
    response = output(await door.dispatcher.invoke({ ...asked, ...origin }), requestId);
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    response = refusal(door, request, { from, target, api, requestId }, error);
  }
  if (target !== undefined) await crossBack(door, target.place, from, response, signal);
  return finished(door, request, target?.signature, response);
}

async function originOf(
  { passage }: FrontDoor,
  sender: Sender | undefined,
  { signature, region }: Target,
  signal: AbortSignal,
): Promise<{ readonly origin?: Origin }> {
  if (sender === undefined || passage === undefined) return {};
  return { origin: await passage(sender, { service: signature.scope.service, region }, signal) };
}

interface Target {
  readonly signature: Signature;
  readonly region: string;
  /** Where on the network the Region's APIs are. */
  readonly place: Place;
}

/** In bytes, of bodies read whole. */
const usualLimit = 6 * 1024 * 1024;
const limits: Partial<Record<ServiceName, number>> = { lambda: 8 * 1024 * 1024 };

/** The Regions these answer from for all of AWS, also where a sandbox doesn't have that Region. */
const homes: Readonly<Record<string, string>> = {
  iam: globalControlPlaneRegion,
  sts: globalControlPlaneRegion,
  route53: globalControlPlaneRegion,
  globalaccelerator: acceleratorControlPlaneRegion,
};
/** Of these there is no endpoint anywhere else. */
const onlyAtHome: ReadonlySet<string> = new Set(['globalaccelerator']);

const clocksOf = ({ core, wall }: FrontDoor): readonly Clock[] => [core.clock, wall];

function addressed({ core }: FrontDoor, request: WireRequest): Target {
  const signature = readSignature(request);
  if (signature === undefined) {
    throw new AwsError('MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  const { region, service } = signature.scope;
  if (onlyAtHome.has(service) && region !== homes[service]) {
    const message = `Credential should be scoped to a valid region: ${service} answers in ${homes[service]} only. Given: ${region}.`;
    throw new AwsError('InvalidSignatureException', message, { status: 403 });
  }
  if (core.regions.includes(region)) return { signature, region, place: region };
  if (homes[service] === region) return { signature, region, place: outside };
  throw new AwsError(
    'OptInRequired',
    `The Region ${region} isn't part of this sandbox, which has ${core.regions.join(', ')}.`,
    { status: 403 },
  );
}

function serviceOf({ signature }: Target): ServiceName {
  const service = servicesOnTheWire.find((name) => name === signature.scope.service);
  if (service !== undefined) return service;
  throw new AwsError('UnsupportedOperation', `The sandbox doesn't have the service ${signature.scope.service}.`, {
    status: 501,
  });
}

interface Known {
  readonly from: Place;
  readonly target: Target | undefined;
  readonly api: Api | undefined;
  readonly requestId: string;
}

function refusal({ core }: FrontDoor, request: WireRequest, known: Known, thrown: unknown): WireResponse {
  const { api, target, requestId } = known;
  const error = asAwsError(thrown);
  if (error !== thrown && error.code === 'InternalFailure') {
    const region = target === undefined ? {} : { region: target.region };
    const text = `${request.method} ${request.path}: ${messageOf(thrown)}`;
    core.log({ service: api?.service ?? 'gateway', ...region, text, error: thrown });
  }
  const protocol = protocolOf(api, request);
  return errorToWire(error, {
    style: errorStyleOf(api?.service, protocol),
    api,
    requestId,
    queryMode: request.headers['x-amzn-query-mode'] === 'true',
    format: documentFormatOf(protocol),
    contentType: contentTypeOf(protocol, request),
    resource: request.path,
  });
}

async function crossBack(
  door: FrontDoor,
  place: Place,
  from: Place,
  { body }: WireResponse,
  signal: AbortSignal,
): Promise<void> {
  try {
    await door.crossing(place, from, signal);
  } catch (error) {
    if (typeof body === 'object' && 'destroy' in body) body.destroy();
    throw error;
  }
}

/** The `Date` is in the caller's own time: clients correct their clocks by it. */
function finished(
  door: FrontDoor,
  request: WireRequest,
  signature: Signature | undefined,
  { status, headers, body }: WireResponse,
): WireResponse {
  headers.date = httpDate(callersClock(clocksOf(door), signature)?.now() ?? 0);
  const silent = request.method === 'HEAD' || status === 204 || status === 304;
  return { status, headers, body: silent ? undefined : body };
}

const dates = new Map<number, string>();
const mostDates = 16;

/** Written once a second of each clock, not once a request. */
function httpDate(now: number): string {
  const second = Math.floor(now / 1000);
  const known = dates.get(second);
  if (known !== undefined) return known;
  if (dates.size >= mostDates) dates.clear();
  const date = new Date(1000 * second).toUTCString();
  dates.set(second, date);
  return date;
}
