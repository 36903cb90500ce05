/** What each role used of what it may, and what it was refused: counted in memory while the sandbox runs. */

import type { Layer, StatementRef } from './layer.ts';

export interface RoleUsage {
  readonly role: string;
  readonly allowed: readonly Use[];
  readonly denied: readonly Use[];
}

export interface Use {
  readonly action: string;
  /** `…` stands for all resources after the first hundred of an action. */
  readonly resource: string;
  /** The statement that allowed it, or denied it explicitly; absent where nothing allowed it. */
  readonly statement: StatementRef | undefined;
  /** The kind of policy that decided: for a refusal without a statement, the one that said nothing. */
  readonly layer: Layer;
  readonly count: number;
  /** AWS time, epoch milliseconds. */
  readonly first: number;
  readonly last: number;
}

/** One question and its answer, as it happens. */
export type Asked = Pick<Use, 'action' | 'resource' | 'statement' | 'layer'>;

export class UsageRecord {
  readonly #roles = new Map<string, Record<'allowed' | 'denied', Map<string, Map<string, MutableUse>>>>();

  add(role: string, outcome: 'allowed' | 'denied', use: Asked, now: number): void {
    const counts = this.#roles.get(role) ?? { allowed: new Map(), denied: new Map() };
    this.#roles.set(role, counts);
    const byResource = counts[outcome].get(use.action) ?? new Map<string, MutableUse>();
    counts[outcome].set(use.action, byResource);
    const resource = resourceKey(byResource, use);
    const key = keyOf(use, resource);
    const known = byResource.get(key);
    if (known === undefined) {
      byResource.set(key, { ...use, resource, count: 1, first: now, last: now });
      return;
    }
    known.count++;
    known.last = now;
  }

  all(): RoleUsage[] {
    return [...this.#roles].map(([role, { allowed, denied }]) => ({
      role,
      allowed: usesOf(allowed),
      denied: usesOf(denied),
    }));
  }
}

type MutableUse = Asked & { count: number; readonly first: number; last: number };

/** A bucket's objects would grow the record without end. */
const resourcesKept = 100;

const resourceKey = (known: ReadonlyMap<string, unknown>, use: Asked): string =>
  known.has(keyOf(use, use.resource)) || known.size < resourcesKept ? use.resource : '…';

const keyOf = ({ statement, layer }: Asked, resource: string): string =>
  `${resource} ${layer} ${statement?.policy} ${statement?.index}`;

const usesOf = (byAction: ReadonlyMap<string, ReadonlyMap<string, MutableUse>>): Use[] =>
  [...byAction.values()].flatMap((byResource) => [...byResource.values()].map((use) => ({ ...use })));
