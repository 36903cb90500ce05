/** Operations that say which input members they honour: any other member is refused by name, never ignored. */

import type { Ask, Call, Operation } from '../../contract.ts';
import { AwsError } from '../../contract.ts';

/** What an SDK command answers, without the client's own metadata. */
export type Answer<Output> = Omit<Output, '$metadata'>;

export interface StrictOperation<Input, Output> {
  readonly name: string;
  readonly members: readonly (keyof Input & string)[];
  readonly authorize?: (input: Input, call: Call) => readonly Ask[];
  readonly handle: (input: Input, call: Call) => Output | Promise<Output>;
}

/** An operation whose unsupported members are refused, and whose `DryRun` stops after IAM has answered, as EC2's does. */
export function strictOperation<Input extends object, Output>(
  spec: StrictOperation<Input, Output>,
): Operation<Input, Output> {
  const { name, members, authorize } = spec;
  const handle = (input: Input, call: Call): Output | Promise<Output> => {
    const { DryRun: dryRun, ...given } = input as Input & { DryRun?: boolean };
    refuseOthers(name, given, members);
    if (dryRun === true) {
      throw new AwsError('DryRunOperation', 'Request would have succeeded, but DryRun flag is set.', { status: 412 });
    }
    return spec.handle(input, call);
  };
  return authorize === undefined ? { handle } : { handle, authorize };
}

/** Refuses members that are set but not in `members`; empty lists and `false` change nothing and pass. */
export function refuseOthers(what: string, given: object, members: readonly string[]): void {
  for (const [member, value] of Object.entries(given)) {
    if (members.includes(member) || isUnset(value)) continue;
    throw new AwsError(
      'UnsupportedOperation',
      `The sandbox's ${what} doesn't support the parameter ${member}. It supports: ${members.join(', ')}.`,
    );
  }
}

const isUnset = (value: unknown): boolean =>
  value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0);
