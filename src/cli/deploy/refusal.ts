/** A refusal before anything starts: everything that is missing, each with what to do. */

import { PilotLightError } from '../../kernel/errors.ts';
import type { Problem } from './requirements.ts';

export class Refusal extends PilotLightError {
  readonly problems: readonly Problem[];

  constructor(doing: string, problems: readonly Problem[]) {
    const count = problems.length === 1 ? 'one thing stands' : `${problems.length} things stand`;
    const items = problems.map(
      ({ next, region, what }) => `  - ${region === undefined ? '' : `${region}: `}${what}\n    ${next}`,
    );
    super('usage', [`Nothing was changed: ${count} in the way of ${doing}.`, ...items].join('\n'));
    this.problems = problems;
  }
}
