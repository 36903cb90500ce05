/** Real time under a test's hand. */

import { VirtualClock } from '../../../src/kernel/virtual-clock.ts';
import type { RealTime } from '../../../src/sandbox/clock/real-time.ts';

export class FakeRealTime extends VirtualClock implements RealTime {
  soon(action: () => void): void {
    this.after(0, action);
  }
}
