import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CommandLine } from './command-line.ts';

test('lists the roles, prints each document as JSON, and writes the template', { timeout: 240_000 }, async () => {
  using commands = new CommandLine();
  const listed = await commands.run('permissions');
  expect(listed.stdout).toContain('dev-dr-gate-recovery');
  expect(listed.stdout).toMatch(/permissions boundary .* \d+ of 6144 characters/);
  for (const name of ['boundary', 'deployer', 'execution']) {
    const { Statement, Version } = JSON.parse((await commands.run('permissions', name)).stdout) as {
      Statement: object[];
      Version: string;
    };
    expect(Version, name).toBe('2012-10-17');
    expect(Statement.length, name).toBeGreaterThan(1);
  }
  const file = join(commands.temporary, 'permissions.json');
  expect(await commands.run('permissions', 'template', '--out', file)).toMatchObject({ code: 0, stdout: '' });
  const { Resources } = JSON.parse(readFileSync(file, 'utf8')) as { Resources: Record<string, { Type: string }> };
  expect(Object.values(Resources).map(({ Type }) => Type)).toEqual(Array(3).fill('AWS::IAM::ManagedPolicy'));
  // Whoever deploys under the owner's boundary can't make one of their own.
  expect(JSON.stringify(Resources.Execution)).not.toContain('iam:CreatePolicy');
});

test('bad use is refused before anything is written', { timeout: 240_000 }, async () => {
  using commands = new CommandLine();
  const unknown = await commands.run('permissions', 'everything');
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toMatch(/everything.*boundary, deployer, execution, template/s);
  const file = join(commands.temporary, 'nowhere', 'x.json');
  expect(await commands.run('permissions', 'boundary', '--out', file)).toMatchObject({ code: 2 });
  expect(existsSync(file)).toBe(false);
  expect(await commands.run('permissions', '--out', file)).toMatchObject({ code: 2 });
});
