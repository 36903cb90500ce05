// @ts-check
/** Reads AWS time from the file that the sandbox keeps; `src/sandbox/clock/clock-file.ts` has its layout. */

import fs from 'node:fs';
import { real } from './real-time.mjs';

/**
 * @typedef {object} ClockReader
 * @property {() => number} now AWS time in milliseconds since the epoch, with a fraction
 * @property {number} rate AWS seconds per real second; 0 while time stands still
 * @property {number} nominal the rate when nothing holds time
 * @property {(listener: () => void) => void} onChange calls the first listener given, once for each change of pace
 * @param {string} path
 * @returns {ClockReader}
 */
export function clockReader(path) {
  /** How old what was read may be, in real milliseconds. */
  const freshness = 2;
  const file = fs.openSync(path, 'r');
  const bytes = new DataView(new ArrayBuffer(44));
  let pace = { aws: real.Date.now(), real: real.now(), rate: 1, nominal: 1 };
  let read = Number.NEGATIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  let watched = false;

  const refresh = () => {
    read = real.now();
    try {
      fs.readSync(file, bytes, 0, 44, 0);
    } catch {
      return;
    }
    let checksum = 0;
    for (let offset = 0; offset < 40; offset += 4) checksum ^= bytes.getUint32(offset, true);
    // A half-written pace: the one before it is good for another moment.
    if (bytes.getUint32(0, true) !== 0x504c434b || checksum >>> 0 !== bytes.getUint32(40, true)) return;
    pace = {
      aws: bytes.getFloat64(8, true),
      real: bytes.getFloat64(16, true),
      rate: bytes.getFloat64(24, true),
      nominal: bytes.getFloat64(32, true),
    };
  };
  refresh();

  return {
    now() {
      const now = real.now();
      if (now - read > freshness) refresh();
      const aws = pace.aws + Math.max(0, now - pace.real) * pace.rate;
      if (aws > last) last = aws;
      return last;
    },
    get rate() {
      return pace.rate;
    },
    get nominal() {
      return pace.nominal;
    },
    onChange(listener) {
      if (watched) return;
      watched = true;
      try {
        fs.watch(`${path}.bell`, { persistent: false }, () => {
          refresh();
          listener();
        }).on('error', () => {});
      } catch {
        // Without a watch, timers look again by themselves.
      }
    },
  };
}
