// What `deploy`, `diff` and `destroy` refuse before they look at anything.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CommandLine } from '../command-line.ts';

test('a profile or a sandbox that is not there, both at once, a config that is wrong, a name that is another one', {
  timeout: 180_000,
}, async () => {
  using commands = new CommandLine();
  const kept = process.env.AWS_CONFIG_FILE;
  process.env.AWS_CONFIG_FILE = join(commands.temporary, 'config');
  writeFileSync(process.env.AWS_CONFIG_FILE, '[profile mine]\nregion = us-east-1\n');
  const wrong = join(commands.temporary, 'wrong.json');
  writeFileSync(wrong, '{ "name": "x" }');
  try {
    const refused: [string[], RegExp][] = [
      [['deploy', '--profile', 'absent'], /no such profile\. Given: absent\. Allowed: mine/],
      [['deploy', '--profile', 'mine', '--sandbox'], /A profile and a sandbox are both given/],
      [['diff', '--sandbox'], /No sandbox is running.*sandbox up/],
      [['destroy', '--sandbox', '0123', '--yes'], /No sandbox is running/],
      [['deploy', '--config', wrong], /isn't valid/],
      [['deploy', '--config', '/no/such.json'], /no such config file/],
      [['deploy', '--only', 'eu-west-1'], /primary or recovery/],
      [['deploy', '--speed', '5'], /--speed is for sandboxes/],
      [
        ['destroy', '--delete-data', '--confirm', 'other'],
        /isn't the workload's name\. Given: other\. Allowed: dev-photos/,
      ],
      [['destroy', '--delete-data', '--yes'], /--confirm dev-photos/],
    ];
    for (const [args, says] of refused) {
      const { code, stderr, stdout } = await commands.run(...args);
      expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
      expect(stderr).toMatch(says);
      expect(stderr).not.toMatch(/\n {4}at /);
    }
    expect(commands.leftovers().filter((name) => name.startsWith('pilot-light-work'))).toEqual([]);
  } finally {
    if (kept === undefined) delete process.env.AWS_CONFIG_FILE;
    else process.env.AWS_CONFIG_FILE = kept;
  }
});
