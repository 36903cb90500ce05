/** Which cases don't run on AWS, and why. */

import type { ContractCase } from './contract.ts';

export interface Wishes {
  readonly cost: 'cents' | 'dollars';
  readonly danger: boolean;
}

export function skipReason({ notOnAws, danger, cost }: ContractCase, wishes: Wishes): string | undefined {
  if (notOnAws !== undefined) return notOnAws;
  if (danger !== undefined && !wishes.danger) return `It touches more than its own names: ${danger}.`;
  if (cost === 'dollars' && wishes.cost !== 'dollars') return 'It costs more than cents.';
  return undefined;
}
