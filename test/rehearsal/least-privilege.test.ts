import { expect, test } from 'vitest';
import config from '../../examples/photos/pilot-light.config.ts';
import { rolesOf } from '../../src/plan/roles.ts';
import { complaintsOf, judgeRoles } from '../../src/rehearsal/least-privilege.ts';
import type { RoleUse } from '../../src/rehearsal/target.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

const roles = rolesOf(parseWorkload(config));
const gate = roles.find(({ name }) => name === 'dev-dr-gate-recovery') ?? roles[0];
if (gate === undefined) throw new Error('there are no roles');

/** As if every grant had been used, each on something it covers, but for those that are left out. */
const uses = (leftOut: (role: string, action: string) => boolean = () => false): RoleUse[] =>
  roles.map(({ name, grants }) => ({
    role: name,
    used: grants
      .filter(({ action }) => !leftOut(name, action))
      .map(({ action, resources }) => ({ action, resources: [resources[0]?.replaceAll('*', 'x') ?? ''] })),
    denied: [],
  }));

test('a grant that no step used, and that nothing holds, is a complaint', () => {
  const added = { action: 's3:DeleteObject', resources: ['arn:aws:s3:::dev-photos-photos/*'] };
  const wider = roles.map((role) => (role === gate ? { ...role, grants: [...gate.grants, added] } : role));
  expect(complaintsOf(judgeRoles(roles, uses()))).toEqual([]);
  expect(complaintsOf(judgeRoles(wider, uses()))).toEqual([
    'dev-dr-gate-recovery may s3:DeleteObject on arn:aws:s3:::dev-photos-photos/*: no step used it, and no reason is declared for holding it',
  ]);
});

test('one that is held says when it is used, and is no complaint', () => {
  const verdicts = judgeRoles(
    roles,
    uses((_, action) => action === 'states:DescribeExecution'),
  );
  expect(complaintsOf(verdicts)).toEqual([]);
  expect(verdicts.find(({ role }) => role === gate.name)?.held).toEqual([
    expect.objectContaining({ action: 'states:DescribeExecution', why: expect.stringContaining('broken off') }),
  ]);
});

test('an action on another resource isn’t a use of the grant', () => {
  const elsewhere = uses().map((use) =>
    use.role === gate.name
      ? { ...use, used: use.used.map((one) => ({ ...one, resources: ['arn:aws:s3:::elsewhere'] })) }
      : use,
  );
  expect(complaintsOf(judgeRoles(roles, elsewhere)).length).toBeGreaterThan(3);
});

test('a refusal is a complaint, and so is a role that nobody was seen in', () => {
  const denied = [{ action: 'rds:DeleteDBInstance', resources: ['arn:aws:rds:::db:x'], by: 'no statement allows it' }];
  const refused = uses().map((use) => (use.role === gate.name ? { ...use, denied } : use));
  expect(complaintsOf(judgeRoles(roles, refused))).toEqual([
    'dev-dr-gate-recovery was refused rds:DeleteDBInstance on arn:aws:rds:::db:x: no statement allows it',
  ]);
  const unseen = uses().filter(({ role }) => role !== gate.name);
  expect(complaintsOf(judgeRoles(roles, unseen)).every((one) => one.startsWith(gate.name))).toBe(true);
  expect(complaintsOf(judgeRoles(roles, unseen))).not.toEqual([]);
});

test('what the application runs as is its owner’s to judge', () => {
  expect(judgeRoles(roles, []).map(({ role }) => role)).not.toContain('dev-photos-instance');
});
