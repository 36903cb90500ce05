/**
 * One host: a Node process that serves one revision of one function, one invocation at a time.
 *
 *  1. It is started, and its code loaded, while AWS time is held: a cold start costs this machine's time, not the function's.
 *  2. A host whose Region went dark has no outcome: nobody may be answered from there any more.
 *  3. After a timeout, an exit or an uncaught exception it is dead, and `invoke` answered with the error AWS gives.
 */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isoTime, monotonic, type Timer } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Machine, Principal, SandboxCore } from '../contract.ts';
import { meets } from '../faults/chance.ts';
import { registerInterface, unregisterInterface } from '../services/ec2/network-interfaces.ts';
import { assumeRole } from '../services/events/role-session.ts';
import { isDue } from './due.ts';
import type { FunctionImage, Invocation, Outcome } from './function-image.ts';
import { hostEnvironment } from './host-environment.ts';
import { HostLog } from './host-log.ts';
import type { HostLine, RuntimeApi } from './runtime-api.ts';

const script = fileURLToPath(new URL('./host.mjs', import.meta.url));

/** AWS gives initialisation 10 seconds. */
const longestInit = 10_000;
/** Real milliseconds an invocation gets at least, whatever AWS time says: at a high speed a timeout of seconds is an instant here. */
const leastRealTime = 1000;
/** A host is left before its credentials lapse. */
const credentialMargin = 300_000;

interface Result {
  readonly payload: string;
  readonly functionError: boolean;
}

interface InHand {
  readonly invocation: Invocation;
  readonly end: (result: Result | undefined) => void;
}

export class FunctionHost {
  readonly image: FunctionImage;
  readonly logStream: string;
  busy = true;
  /** Set when the function changed: the host ends as soon as it is idle. */
  retired = false;
  lastUsed = 0;
  /** The function's role, as which its log is written; absent where it couldn't be assumed. */
  principal: Principal | undefined;
  readonly #core: SandboxCore;
  readonly #api: RuntimeApi;
  readonly #id: string;
  #line: HostLine | undefined;
  #machine: Machine | undefined;
  #log: HostLog | undefined;
  #release: () => void = () => {};
  #expires = Number.POSITIVE_INFINITY;
  #inHand: InHand | undefined;
  #initDuration: number | undefined;
  #maxMemory = 0;
  #gone = false;
  #onInit: (failure: string | undefined) => void = () => {};

  constructor(core: SandboxCore, api: RuntimeApi, image: FunctionImage) {
    this.#core = core;
    this.#api = api;
    this.image = image;
    this.#id = core.ids.hex(12);
    this.logStream = `${isoTime(core.clock.now()).slice(0, 10).replaceAll('-', '/')}/[${image.version}]${core.ids.hex(32)}`;
  }

  get alive(): boolean {
    return !this.#gone;
  }

  /** Whether it may take one more invocation: alive, current, and with credentials that outlast it. */
  fits(image: FunctionImage): boolean {
    const { arn, revision } = this.image;
    const lasts = this.#expires - credentialMargin > this.#core.clock.now() + 1000 * image.timeoutSeconds;
    return this.alive && !this.retired && lasts && arn === image.arn && revision === image.revision;
  }

  /** Starts the process and loads the code. Answers the error's payload when initialisation failed: the host is then dead. */
  async start(): Promise<string | undefined> {
    const { image } = this;
    const session = await assumeRole(this.#core, {
      service: 'lambda',
      region: image.region,
      roleArn: image.role,
      sessionName: image.name,
      sessionKeys: { 'lambda:SourceFunctionArn': image.arn },
    });
    this.#expires = session.expires;
    this.principal = session.principal;
    const started = monotonic();
    const initialised = new Promise<string | undefined>((resolve) => {
      this.#onInit = resolve;
    });
    this.#line = this.#api.attach(this.#id, {
      ready: () => {
        this.#onInit(undefined);
      },
      initError: (payload) => this.#onInit(payload),
      response: (requestId, payload, memory) => this.#answer(requestId, payload, false, memory),
      error: (requestId, payload, memory) => this.#answer(requestId, payload, true, memory),
    });
    const env = hostEnvironment(this.#core, image, {
      authority: this.#line.authority,
      logStream: this.logStream,
      session,
    });
    const address = this.#takeAddress();
    const { machines, clock } = this.#core.region(image.region);
    const name = `fn-${image.name}-${this.#id}`;
    const PILOT_LIGHT_CODE_CACHE = join(this.#core.directory, 'code-cache');
    this.#machine = await machines.spawnNode({
      name,
      script,
      env: { ...env, PILOT_LIGHT_CODE_CACHE },
      cwd: image.folder,
      address,
    });
    this.#log = new HostLog(this.#machine.log);
    void this.#machine.exited.then((exit) => this.#exited(exit));
    const timer = clock.after(longestInit, () => this.#onInit(initTimeout));
    const failure = await initialised;
    timer.cancel();
    this.#initDuration = monotonic() - started;
    if (failure !== undefined) this.kill();
    return failure;
  }

  /** Runs one invocation. Undefined when the Region went dark meanwhile. Rejects only for a fault of the sandbox. */
  async invoke(invocation: Invocation): Promise<Outcome | undefined> {
    const { clock } = this.#core.region(this.image.region);
    const { timeoutSeconds } = this.image;
    const began = clock.now();
    const realBegan = monotonic();
    let watch = clock.after(1000 * timeoutSeconds, () => timeOut());
    const timeOut = (): void => {
      const left = leastRealTime - (monotonic() - realBegan);
      if (left > 0) {
        watch = clock.after(Math.max(50, left * this.#core.clock.speed), () => timeOut());
        return;
      }
      const message = `RequestId: ${invocation.requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`;
      this.#end('Sandbox.Timedout', message);
    };
    const killing = this.#killer(() => this.#inHand?.invocation === invocation);
    const result = await new Promise<Result | undefined>((end) => {
      this.#inHand = { invocation, end };
      if (this.#gone) this.#exited(ended);
      else this.#line?.hand(invocation, began + 1000 * timeoutSeconds);
    });
    watch.cancel();
    killing?.cancel();
    if (result === undefined) return undefined;
    const duration = Math.max(clock.now() - began, 0.01);
    const written = (await this.#log?.read().catch(() => '')) ?? '';
    return { ...result, duration, log: this.#report(invocation, written, duration) };
  }

  /** The outcome of an invocation whose host failed to start. */
  async neverStarted(invocation: Invocation, payload: string): Promise<Outcome> {
    const written = (await this.#log?.read().catch(() => '')) ?? '';
    return { payload, functionError: true, duration: 0, log: this.#report(invocation, written, 0) };
  }

  kill(): void {
    this.#machine?.kill('SIGKILL');
    this.#close();
  }

  #answer(requestId: string, payload: string, functionError: boolean, memory: number): void {
    this.#maxMemory = Math.max(this.#maxMemory, Math.ceil(memory / 1024));
    if (this.#inHand?.invocation.requestId !== requestId) return;
    const { end } = this.#inHand;
    this.#inHand = undefined;
    end({ payload, functionError });
  }

  /** Kills the host and ends the invocation in hand with an error of Lambda's own. */
  #end(errorType: string, errorMessage: string): void {
    const inHand = this.#inHand;
    this.#inHand = undefined;
    this.kill();
    inHand?.end({ payload: JSON.stringify({ errorType, errorMessage }), functionError: true });
  }

  /** A fault that kills the process in the middle of an invocation that is still in hand by then. */
  #killer(inHand: () => boolean): Timer | undefined {
    const { region, name } = this.image;
    const fault = this.#core.faults
      .standing('killed-function')
      .find((one) => one.region === region && (one.function ?? name) === name && meets(this.#core.random, one));
    if (fault === undefined) return undefined;
    return this.#core.region(region).clock.after(fault.milliseconds, () => {
      if (inHand() && isDue(fault, name)) this.#machine?.kill('SIGKILL');
    });
  }

  #exited(exit: Exit): void {
    this.#close();
    const inHand = this.#inHand;
    this.#onInit(exitedEarly);
    if (this.#core.region(this.image.region).dark) {
      this.#inHand = undefined;
      inHand?.end(undefined);
      return;
    }
    const requestId = inHand?.invocation.requestId ?? '';
    this.#end('Runtime.ExitError', `RequestId: ${requestId} Error: Runtime exited ${howIn(exit)}`);
  }

  #close(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#line?.close();
    this.#release();
  }

  /** A function of a VPC calls from an interface in one of its subnets, any other from an address of the Region. */
  #takeAddress(): string {
    const { region, name, vpc } = this.image;
    const address = this.#core.network.allocate(region);
    const subnetId = vpc?.subnetIds[Math.floor(this.#core.random.next() * vpc.subnetIds.length)];
    let interfaceId: string | undefined;
    if (vpc !== undefined && subnetId !== undefined) {
      const { securityGroupIds } = vpc;
      const description = `AWS Lambda VPC ENI-${name}`;
      interfaceId = registerInterface(this.#core, {
        region,
        kind: 'function',
        subnetId,
        securityGroupIds,
        address,
        description,
      }).id;
    }
    this.#release = () => {
      if (interfaceId !== undefined) unregisterInterface(this.#core, region, interfaceId);
      this.#core.network.release(address);
    };
    return address;
  }

  #report({ requestId }: Invocation, written: string, duration: number): string {
    const init = this.#initDuration === undefined ? '' : `Init Duration: ${this.#initDuration.toFixed(2)} ms\t`;
    this.#initDuration = undefined;
    const memory = `Memory Size: ${this.image.memoryMegabytes} MB\tMax Memory Used: ${this.#maxMemory} MB`;
    const times = `Duration: ${duration.toFixed(2)} ms\tBilled Duration: ${Math.ceil(duration)} ms`;
    const body = written === '' || written.endsWith('\n') ? written : `${written}\n`;
    const start = `START RequestId: ${requestId} Version: ${this.image.version}\n`;
    return `${start}${body}END RequestId: ${requestId}\nREPORT RequestId: ${requestId}\t${times}\t${memory}\t${init}\n`;
  }
}

type Exit = { readonly code: number | null; readonly signal: string | null };
/** A host that ended while it was idle. */
const ended: Exit = { code: 0, signal: null };

/** In Lambda's words. A process out of memory is killed as well: Lambda says no more about it than this. */
function howIn({ code, signal }: Exit): string {
  if (code === 0) return 'without providing a reason';
  return `with error: ${code === null ? `signal: ${signal === 'SIGKILL' ? 'killed' : signal}` : `exit status ${code}`}`;
}

const exitedEarly = JSON.stringify({
  errorType: 'Runtime.ExitError',
  errorMessage: 'Error: Runtime exited while it started',
});

const initTimeout = JSON.stringify({
  errorType: 'Sandbox.Timedout',
  errorMessage: 'Error: Initialisation timed out after 10 seconds',
});

/** The payload of an error met before the code could run: a role that can't be assumed, a process that doesn't start. */
export const startError = (error: unknown): string =>
  JSON.stringify({ errorType: error instanceof Error ? error.name : 'Error', errorMessage: messageOf(error) });
