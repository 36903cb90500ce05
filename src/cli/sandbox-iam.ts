/** `pilot-light sandbox iam`: what each deployed role used of what it may, and what it was refused. */

import type { RoleReport } from '../sandbox/control/protocol.ts';
import { chosenSandbox, type SandboxChoice } from './sandbox-choice.ts';
import { columns, print, printJson, wrapped } from './text.ts';

export async function sandboxIam(
  role: string | undefined,
  { json, ...choice }: SandboxChoice & { readonly json?: boolean },
): Promise<number> {
  const roles = await (await chosenSandbox(choice)).ask<'iam'>({
    ask: 'iam',
    ...(role === undefined ? {} : { role }),
  });
  if (json) printJson(roles);
  else if (role === undefined) print(overview(roles));
  else print(roles.flatMap(detail));
  return 0;
}

function overview(roles: readonly RoleReport[]): string[] {
  if (roles.length === 0) return ['No roles are deployed.'];
  const counted = (count: number, what: string) => `${count} ${what}`;
  return [
    ...columns(
      roles.map(({ role, used, unused, denied }) => [
        role,
        counted(used.length, 'used'),
        counted(unused.length, 'never used'),
        denied.length === 0 ? '' : counted(denied.length, 'DENIED'),
      ]),
    ),
    '',
    'Actions by role, since the sandbox started. `pilot-light sandbox iam ROLE` says which.',
  ];
}

function detail({ role, used, unused, denied }: RoleReport): string[] {
  return [
    role,
    ...(used.length === 0 ? ['  used: nothing'] : ['  used']),
    ...columns(
      used.map(({ action, count, resources }) => [action, `${count}x`, briefly(resources)]),
      '    ',
    ),
    ...(unused.length === 0 ? ['  granted and never used: nothing'] : ['  granted and never used']),
    ...byStatement(unused).flatMap(({ policy, statement, resources, actions }) => [
      `    ${policy}, ${statement}, on ${briefly(resources)}`,
      ...wrapped('      ', actions),
    ]),
    ...(denied.length === 0 ? [] : ['  DENIED']),
    ...denied.flatMap(({ action, resources, count, by }) => [
      `    ${action}  ${count}x  ${briefly(resources)}`,
      `      by ${by}`,
    ]),
  ];
}

type Unused = RoleReport['unused'][number];

/** Actions of one statement stand together: that is where they would be taken out. */
function byStatement(unused: readonly Unused[]): (Omit<Unused, 'action'> & { readonly actions: string[] })[] {
  const statements = new Map<string, Omit<Unused, 'action'> & { readonly actions: string[] }>();
  for (const { action, ...rest } of unused) {
    const key = `${rest.policy} ${rest.statement}`;
    const known = statements.get(key);
    if (known === undefined) statements.set(key, { ...rest, actions: [action] });
    else known.actions.push(action);
  }
  return [...statements.values()];
}

/** Two are named; the rest is in the JSON. */
function briefly(resources: readonly string[]): string {
  const [first = '', second, ...others] = resources;
  if (second === undefined) return first;
  return others.length === 0 ? `${first}, ${second}` : `${first}, ${second} and ${others.length} more`;
}
