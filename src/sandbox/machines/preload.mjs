// @ts-check
/**
 * Puts a Node program inside a Region: AWS time, the sandbox's names, an address of its own. Loaded before the program by
 * `NODE_OPTIONS=--require …`, so that the Node programs it starts live there too. It changes nothing outside a sandbox.
 *
 * Environment: PILOT_LIGHT_CLOCK (the clock file), PILOT_LIGHT_DNS (host:port), PILOT_LIGHT_NETWORK ("127.R.", what the sandbox's
 * addresses begin with), PILOT_LIGHT_ADDRESS (the program's own), PILOT_LIGHT_LISTEN_ADDRESS (where its servers listen, if elsewhere).
 */

import { syncBuiltinESMExports } from 'node:module';
import { replaceDate } from './inside/aws-date.mjs';
import { replaceElapsed } from './inside/aws-elapsed.mjs';
import { replaceTimers } from './inside/aws-timers.mjs';
import { clockReader } from './inside/clock-reader.mjs';
import { resolveInSandbox } from './inside/names.mjs';
import { standAt } from './inside/place.mjs';

const { PILOT_LIGHT_CLOCK, PILOT_LIGHT_DNS, PILOT_LIGHT_NETWORK, PILOT_LIGHT_ADDRESS, PILOT_LIGHT_LISTEN_ADDRESS } =
  process.env;

if (PILOT_LIGHT_CLOCK !== undefined) {
  const clock = clockReader(PILOT_LIGHT_CLOCK);
  replaceDate(clock);
  replaceElapsed(clock);
  replaceTimers(clock);
}
if (PILOT_LIGHT_DNS !== undefined && PILOT_LIGHT_NETWORK !== undefined) {
  resolveInSandbox(PILOT_LIGHT_DNS, PILOT_LIGHT_ADDRESS);
  standAt(PILOT_LIGHT_ADDRESS, PILOT_LIGHT_NETWORK, PILOT_LIGHT_LISTEN_ADDRESS ?? PILOT_LIGHT_ADDRESS);
}
// What was imported by name sees the replacements too.
syncBuiltinESMExports();
