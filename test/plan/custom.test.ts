import { expect, test } from 'vitest';
import { catalogue } from '../../src/plan/catalogue.ts';
import { compile } from '../../src/plan/compile.ts';
import { criticalPath, planNames, stepsOf } from '../../src/plan/graph.ts';
import { planOf } from '../../src/plan/plans.ts';
import { anchors } from '../../src/workload/config/steps.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

const base = {
  name: 'photos',
  primary: { region: 'us-east-1' },
  recovery: { region: 'us-west-2' },
  compute: { web: { image: 'ami-0f0e0d0c0b0a09080' } },
  functions: { warm: { entry: 'warm.ts' }, chill: { entry: 'chill.ts' } },
  traffic: { zone: 'photos.example', name: 'www.photos.example' },
};
const workload = (steps: object) => parseWorkload({ ...base, steps } as Parameters<typeof parseWorkload>[0]);

test('something of one’s own may stand beside every step but those that open and close a run', () => {
  const closed = ['OpenRun', 'OpenMove', 'OpenReturn', 'CloseRun', 'AwaitLease'];
  expect([...anchors].sort()).toEqual(
    Object.keys(catalogue)
      .filter((step) => !closed.includes(step))
      .sort(),
  );
});

test('an own step stands where it says, in every plan that has that place, and nothing else waits for it', () => {
  const { steps } = workload({
    warm: { function: 'warm', before: 'EnableRecoverySources', deadlineSeconds: 900 },
    count: { function: 'warm', after: 'ProveRecoveryWrite' },
  });
  const failover = planOf({ steps }, 'failover');
  const names = stepsOf(failover.root);
  expect(names.indexOf('Custom-warm')).toBe(names.indexOf('EnableRecoverySources') - 1);
  expect(names.indexOf('Custom-count')).toBe(names.indexOf('ProveRecoveryWrite') + 1);
  const slow = criticalPath(failover.root, (step) => (step === 'Custom-warm' ? 1000 : 1));
  expect(slow.steps).not.toContain('StartRecoveryHeartbeat');
  const held = planNames.filter((name) => stepsOf(planOf({ steps }, name).root).includes('Custom-warm'));
  expect(held).toEqual(['failover', 'switchover']);
});

test('the state machine asks it as the config says, and takes it back by its own function', () => {
  const { steps } = workload({
    warm: {
      function: 'warm',
      undo: 'chill',
      before: 'QuiescePrimary',
      everySeconds: 20,
      deadlineSeconds: 200,
      does: 'warm the cache',
    },
  });
  const { States } = compile(planOf({ steps }, 'switchover'), (step) => `function-of-${step}`);
  expect(States['Custom-warm']).toMatchObject({
    Comment: 'warm the cache',
    Arguments: { FunctionName: 'function-of-Custom-warm' },
    Retry: [{ IntervalSeconds: 20, MaxAttempts: 20 }, {}, {}, {}, {}, {}],
  });
  expect(States['UndoCustom-warm']).toMatchObject({ Arguments: { Payload: { step: 'Custom-warm', undo: true } } });
});

test.each([
  [{ warm: { function: 'hot', after: 'PromoteReplica' } }, /steps\.warm\.function.*hot.*warm, chill/s],
  [{ warm: { function: 'warm' } }, /steps\.warm.*either `before` or `after`/s],
  [{ warm: { function: 'warm', after: 'PromoteReplica', before: 'CommitRecovery' } }, /either `before` or `after`/],
  [{ warm: { function: 'warm', after: 'OpenRun' } }, /steps\.warm\.after/],
])('%j is refused', (steps, says) => {
  expect(() => workload(steps)).toThrow(says);
});
