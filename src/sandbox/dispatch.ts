/**
 * The one door to every service. In front of an operation stands an ordered list of handlers (the account's limits, what is being made to
 * go wrong, the service's model, IAM); a call that passes them all is handed over. An operation nobody serves is refused by name.
 */

import type {
  AnyOperation,
  Ask,
  Call,
  InternalRequest,
  Principal,
  SandboxCore,
  Service,
  ServiceName,
} from './contract.ts';
import { AwsError } from './contract.ts';
import { callFaults } from './faults/call-faults.ts';
import { globalControlPlane } from './faults/global-control-plane.ts';
import type { Handler } from './handler.ts';
import { rateLimits } from './limits/rate-limits.ts';
import { modelConstraints } from './protocols/constraints/handler.ts';

/** IAM's part in a call: throws `AccessDenied` naming the statement that decided, or returns. Internal principals are not judged. */
export type Authorizer = (
  principal: Principal,
  asks: readonly Ask[],
  call: Call,
  resourcePolicy: (arn: string) => string | undefined,
) => void;

export class Dispatcher {
  readonly #services = new Map<ServiceName, Service>();
  readonly #account: string;
  readonly #requestId: () => string;
  #handlers: readonly Handler[] = [(request, call) => this.#authorize(request, call)];
  authorizer: Authorizer = () => {};
  /**
   * Called before a call from outside of the process is answered, also with an error: what it changed is kept from then on, and all that
   * was changed before. Calls of services among themselves are kept with the next of those, or a moment later: whatever they are part of
   * isn't cut in two by them.
   */
  keep: () => void = () => {};

  constructor(account: string, requestId: () => string) {
    this.#account = account;
    this.#requestId = requestId;
  }

  /** What a call meets, in this order. Before it is asked for, a dispatcher only asks IAM. */
  guard(
    core: SandboxCore,
    { limited, checked = true }: { readonly limited: boolean; readonly checked?: boolean },
  ): void {
    this.#handlers = [
      ...(limited ? [rateLimits(core)] : []),
      globalControlPlane(core),
      callFaults(core),
      ...(checked ? [modelConstraints] : []),
      (request, call) => this.#authorize(request, call),
    ];
  }

  register(service: Service): void {
    this.#services.set(service.name, service);
  }

  get services(): readonly Service[] {
    return [...this.#services.values()];
  }

  /** The operations that are served, by service. */
  calls(): ReadonlyMap<string, readonly string[]> {
    return new Map(this.services.map(({ name, operations }) => [name, Object.keys(operations)]));
  }

  service(name: ServiceName): Service | undefined {
    return this.#services.get(name);
  }

  /** See `SandboxCore.ask`. */
  ask({ region, principal }: Pick<InternalRequest, 'region' | 'principal'>, asks: readonly Ask[]): void {
    const call = { account: this.#account, region, from: region, principal, requestId: this.#requestId() };
    this.authorizer(principal, asks, call, (arn) => this.#policyOf(arn, call));
  }

  async invoke(request: InternalRequest): Promise<unknown> {
    const found = this.#services.get(request.service)?.operations[request.operation];
    if (found === undefined) {
      throw new AwsError(
        'UnsupportedOperation',
        `The sandbox doesn't support ${request.service}:${request.operation}. docs/coverage.md lists what it does.`,
        { status: 501 },
      );
    }
    const call: Call = {
      account: this.#account,
      region: request.region,
      from: request.from ?? request.region,
      principal: request.principal,
      requestId: request.requestId ?? this.#requestId(),
      ...(request.origin === undefined ? {} : { origin: request.origin }),
      ...(request.calledVia === undefined ? {} : { calledVia: request.calledVia }),
    };
    for (const handler of this.#handlers) {
      const held = handler(request, call);
      if (held !== undefined) await held;
    }
    return this.perform(found, request, call);
  }

  /** The operation itself, once nothing stands in front of it any more. */
  protected async perform(operation: AnyOperation, request: InternalRequest, call: Call): Promise<unknown> {
    try {
      const handled: unknown = operation.handle(request.input, call);
      // Without a wait where there is none: another call's end would keep what this one changed without what it is kept together with.
      const output: unknown = handled instanceof Promise ? await handled : handled;
      request.onOutput?.(output);
      return output;
    } finally {
      if (request.inside !== true) this.keep();
    }
  }

  #authorize({ service: name, operation, principal, input }: InternalRequest, call: Call): undefined {
    const service = this.#services.get(name);
    if (principal.kind === 'internal' || service === undefined) return;
    const asks = service.operations[operation]?.authorize?.(input, call) ?? [
      { action: `${service.iamPrefix ?? service.name}:${operation}`, resource: '*' },
    ];
    this.authorizer(principal, asks, call, (arn) => this.#policyOf(arn, call));
  }

  #policyOf(arn: string, call: Call): string | undefined {
    const owner = this.#services.get(arn.split(':')[2] as ServiceName);
    return owner?.resourcePolicy?.(arn, call);
  }
}
