/** How fast AWS time really went: measured over the last seconds, since the pace of an instant says little (it stands still, or skips). */

import type { Clock } from '../../kernel/clock.ts';
import { monotonic } from '../../kernel/clock.ts';

export interface PaceMeter {
  /** AWS seconds per real second. */
  actual(): number;
  close(): void;
}

const every = 1000;
const kept = 5;

export function paceMeter(clock: Clock): PaceMeter {
  const look = () => ({ aws: clock.now(), real: monotonic() });
  const points = [look()];
  const timer = setInterval(() => {
    points.push(look());
    if (points.length > kept) points.shift();
  }, every);
  timer.unref();
  return {
    actual() {
      const now = look();
      const [then = now] = points;
      return now.real > then.real ? Math.round((10 * (now.aws - then.aws)) / (now.real - then.real)) / 10 : 0;
    },
    close: () => clearInterval(timer),
  };
}
