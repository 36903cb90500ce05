#!/usr/bin/env -S node --
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (!existsSync(main)) {
  process.stderr.write('Pilot Light has not been built. Run `npm start` or `npm run build` in its folder first.\n');
  process.exit(2);
}
await import(main.href);
