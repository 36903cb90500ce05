/** The one request that all layers of policies are asked about. */

/** Who asks, with every name policies may know it by. */
export interface Caller {
  readonly kind: 'root' | 'user' | 'role' | 'service';
  readonly account: string;
  /** The ARN of the user, the root user or the session; for a service its name, `lambda.amazonaws.com`. */
  readonly arn: string;
  /** The ARN of what holds the identity policies: the role of a session, else the same as `arn`. */
  readonly entityArn: string;
  /** `AROA…` and `AROA…:session`, `AIDA…`. */
  readonly uniqueIds: readonly string[];
  /** Whether a permissions boundary is set: `NotPrincipal` with `Deny` then never spares the caller. */
  readonly bounded: boolean;
}

/** Looks condition keys up, in lower case, and answers their values. */
export type Context = Pick<ReadonlyMap<string, readonly string[]>, 'get'>;

export interface PolicyRequest {
  readonly action: string;
  readonly resource: string;
  readonly caller: Caller;
  readonly context: Context;
}

/** A context from keys as AWS's documentation spells them. */
export function contextOf(keys: Readonly<Record<string, string | readonly string[]>>): Map<string, readonly string[]> {
  return new Map(
    Object.entries(keys).map(([key, value]) => [key.toLowerCase(), typeof value === 'string' ? [value] : value]),
  );
}

/** Contexts as one: of those that have a key, the first. Each is put together when it is first looked into, for most calls never. */
export function layered(...makers: readonly (() => Context)[]): Context {
  const made: Context[] = [];
  return {
    get(key) {
      for (const [index, make] of makers.entries()) {
        made[index] ??= make();
        const values = made[index].get(key);
        if (values !== undefined) return values;
      }
      return undefined;
    },
  };
}
