/** Whoever started this process in the background and waits for news of it. A start that nobody waits for any more is given up. */

import { terminalError } from '../kernel/errors.ts';

export interface Starter {
  tell(news: object): void;
  /** The work's outcome. @throws when the starter goes away first. */
  orGone<T>(work: Promise<T>): Promise<T>;
}

export function starter(inBackground: boolean): Starter {
  if (!inBackground || process.send === undefined) return { tell: () => {}, orGone: (work) => work };
  let heard = false;
  const gone = new Promise<never>((_, reject) => {
    process.once('disconnect', () => {
      if (!heard) reject(terminalError('Whoever started the sandbox has gone before it was up: it is ended.'));
    });
  });
  gone.catch(() => {});
  return {
    tell(news) {
      heard = true;
      process.send?.(news, () => process.disconnect?.());
    },
    orGone: (work) => Promise.race([work, gone]),
  };
}
