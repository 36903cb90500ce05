/** The files that take minutes begin first: one that began last would keep a single worker busy while the other has nothing left. */

import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** In the order of what they take. */
const long = [
  'test/rehearsal/guestbook',
  'test/survival/',
  'test/rehearsal/scenarios',
  'test/cli/deploy/commands',
  'test/failover/crash',
  'test/contract/clients/',
  'test/cli/deployed-sandbox',
  'test/cli/deploy/execution-policy',
  'test/sandbox/state/',
  'test/upkeep/',
];

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const index = long.findIndex((part) => moduleId.includes(part));
      return index === -1 ? long.length : index;
    };
    return (await super.sort(files)).toSorted((one, other) => rank(one) - rank(other));
  }
}
