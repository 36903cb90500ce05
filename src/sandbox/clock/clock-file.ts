/** AWS time for other processes: the current pace in a small file, rewritten on every change, and a bell that wakes who waits. */

import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsClock, Pace } from './aws-clock.ts';
import { realTime } from './real-time.ts';

/** Layout, little-endian: magic u32, sequence u32, aws f64, real f64, rate f64, nominal f64, checksum u32 (xor of the words before it). */
const clockFileBytes = 44;
const magic = 0x504c434b;
/** Readers with pending timers are woken at most this often, in real milliseconds. */
const bellInterval = 10;

export interface ClockFile {
  /** The file with the pace. `<path>.bell` is touched after a change, for readers that wait. */
  readonly path: string;
  close(): void;
}

export function publishClock(clock: AwsClock, directory: string): ClockFile {
  const path = join(directory, 'clock');
  const file = openSync(path, 'w', 0o600);
  const bell = openSync(`${path}.bell`, 'w', 0o600);
  const bytes = new DataView(new ArrayBuffer(clockFileBytes));
  let sequence = 0;
  let ringing = false;
  let open = true;

  const ring = () => {
    if (ringing) return;
    ringing = true;
    realTime.after(bellInterval, () => {
      ringing = false;
      if (open) writeSync(bell, 'x', 0);
    });
    writeSync(bell, 'x', 0);
  };
  const write = (pace: Pace) => {
    encode(bytes, sequence++, pace);
    // One small positioned write; a reader that sees half of it is told by the checksum and keeps what it had.
    writeSync(file, bytes, 0, clockFileBytes, 0);
    ring();
  };
  write(clock.pace);
  const stop = clock.onPace(write);

  return {
    path,
    close() {
      stop();
      open = false;
      closeSync(file);
      closeSync(bell);
    },
  };
}

function encode(bytes: DataView, sequence: number, pace: Pace): void {
  bytes.setUint32(0, magic, true);
  bytes.setUint32(4, sequence >>> 0, true);
  bytes.setFloat64(8, pace.aws, true);
  bytes.setFloat64(16, pace.real, true);
  bytes.setFloat64(24, pace.rate, true);
  bytes.setFloat64(32, pace.nominal, true);
  let checksum = 0;
  for (let offset = 0; offset < clockFileBytes - 4; offset += 4) checksum ^= bytes.getUint32(offset, true);
  bytes.setUint32(clockFileBytes - 4, checksum >>> 0, true);
}
