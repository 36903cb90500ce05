/** Whether a fault that concerns only a share of what happens meets this one. Nothing is drawn where the answer is certain. */

import type { Random } from '../../kernel/ids.ts';

export const meets = (random: Random, { share }: { readonly share: number }): boolean =>
  share >= 1 || random.next() < share;
