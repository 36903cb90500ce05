/**
 * The one door to every service: find the operation, ask IAM, hand over. An operation nobody serves is refused by name.
 */

import type { Ask, Call, InternalRequest, Principal, Service, ServiceName } from './contract.ts';
import { AwsError } from './contract.ts';

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
  authorizer: Authorizer = () => {};
  /** Called before a call is answered, also with an error: what it changed is kept from then on. */
  keep: () => void = () => {};

  constructor(account: string, requestId: () => string) {
    this.#account = account;
    this.#requestId = requestId;
  }

  register(service: Service): void {
    this.#services.set(service.name, service);
  }

  get services(): readonly Service[] {
    return [...this.#services.values()];
  }

  service(name: ServiceName): Service | undefined {
    return this.#services.get(name);
  }

  async invoke(request: InternalRequest): Promise<unknown> {
    const service = this.#services.get(request.service);
    const found = service?.operations[request.operation];
    if (service === undefined || found === undefined) {
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
      requestId: this.#requestId(),
      ...(request.origin === undefined ? {} : { origin: request.origin }),
      ...(request.calledVia === undefined ? {} : { calledVia: request.calledVia }),
    };
    if (request.principal.kind !== 'internal') {
      const asks = found.authorize?.(request.input, call) ?? [
        { action: `${service.iamPrefix ?? service.name}:${request.operation}`, resource: '*' },
      ];
      this.authorizer(request.principal, asks, call, (arn) => this.#policyOf(arn, call));
    }
    try {
      const output = await found.handle(request.input, call);
      request.onOutput?.(output);
      return output;
    } finally {
      this.keep();
    }
  }

  #policyOf(arn: string, call: Call): string | undefined {
    const owner = this.#services.get(arn.split(':')[2] as ServiceName);
    return owner?.resourcePolicy?.(arn, call);
  }
}
