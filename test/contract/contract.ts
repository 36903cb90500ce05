/**
 * What clients lean on, written once: each case runs against the sandbox in the ordinary suite, and against AWS when asked to. A case
 * may only use what both have: real SDK clients, names of its own, and clean-up that always runs.
 */

import { expect } from 'vitest';

export interface ContractCase {
  readonly name: string;
  /** What running it on AWS costs, by list price. Nothing but cents runs there unless more is asked for. */
  readonly cost: 'nothing' | 'cents' | 'dollars';
  /** What it does to the account beside its own names (an account-wide setting, a Region-wide quota). Never run on AWS unless asked for. */
  readonly danger?: string;
  /** Why it can't run on AWS at all. */
  readonly notOnAws?: string;
  /** Minutes it takes on AWS, where that is more than one. */
  readonly minutes?: number;
  run(target: ContractTarget): Promise<void>;
}

export interface ContractTarget {
  readonly kind: 'sandbox' | 'aws';
  readonly account: string;
  readonly region: string;
  readonly otherRegion: string;
  /** A name nobody else has: lower-case letters, digits and hyphens, at most 30 of them. A new one at each call. */
  name(): string;
  /** An SDK client that is closed in the end. It asks again where it is throttled, as it would on AWS. */
  client<Client extends { destroy(): void }>(Client: ClientClass<Client>, options?: ClientOptions): Client;
  /** Undone in the reverse order when the case is over, however it ended. */
  after(undo: () => Promise<unknown>): void;
  /** For the SDK's waiters: AWS's own pace there, as fast as makes sense here. */
  readonly waiting: { readonly maxWaitTime: number; readonly minDelay: number; readonly maxDelay: number };
  /** Asks again until `check` no longer throws: for what AWS brings about by and by. */
  eventually<T>(check: () => Promise<T>): Promise<T>;
  /** The ARN of a role that `service` may assume and that may do nothing but what the managed policy allows; usable at once. */
  role(service: string, policy?: string): Promise<string>;
  readonly endpoint: string | undefined;
}

export interface ClientOptions {
  readonly region?: string;
  readonly [setting: string]: unknown;
}

// biome-ignore lint/suspicious/noExplicitAny: clients of every service are made the same way, from settings of their own types.
export type ClientClass<Client> = new (settings: any) => Client;

/** Inference helper: a case that costs nothing unless it says so. */
export function contractCase(
  name: string,
  run: ContractCase['run'],
  marks: Partial<Omit<ContractCase, 'name' | 'run'>> = {},
): ContractCase {
  return { name, run, cost: 'nothing', ...marks };
}

// biome-ignore lint/suspicious/noExplicitAny: exceptions' constructors take what each of them needs.
type ExceptionClass = new (options: any) => Error;

/** That a call is refused with an exception of this class, this status, and these fields. */
export async function refused(
  call: Promise<unknown>,
  exception: ExceptionClass | string,
  status: number,
  fields: object = {},
): Promise<void> {
  const error: unknown = await call.then(
    (value) => {
      throw new Error(`It was accepted: ${JSON.stringify(value)}`);
    },
    (thrown: unknown) => thrown,
  );
  if (typeof exception !== 'string') expect(error).toBeInstanceOf(exception);
  else expect(error).toMatchObject({ name: exception });
  expect(error).toMatchObject({
    $metadata: { httpStatusCode: status, requestId: expect.stringMatching(/\S/) },
    ...fields,
  });
}

/** All pages of a paginator of the SDK. */
export async function pagesOf<Page>(pages: AsyncIterable<Page>): Promise<Page[]> {
  const all: Page[] = [];
  for await (const page of pages) all.push(page);
  return all;
}

/** For sorting what may come in any order. */
export const byText = (left = '', right = ''): number => (left < right ? -1 : left > right ? 1 : 0);
