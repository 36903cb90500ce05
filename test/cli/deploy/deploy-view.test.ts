// What a deployment shows without a terminal, and on one.

import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { deployView } from '../../../src/cli/deploy/deploy-view.ts';
import { Progress } from '../../../src/cli/deploy/progress.ts';

const stackType = 'AWS::CloudFormation::Stack';

function played(options: { verbose?: boolean; isTTY?: boolean }): string {
  let text = '';
  let time = 0;
  const out = { isTTY: options.isTTY ?? false, columns: 100, rows: 30, write: (more: string) => (text += more) };
  const stacks = ['one', 'two'].map((stackName) => ({ region: 'us-east-1', stackName, of: 2 }));
  const view = deployView(stacks, { doing: 'deploying', out, now: () => time, verbose: options.verbose ?? false });
  const progress = new Progress(4, (said) => view.hear(said));
  const event = (stackName: string, logicalId: string, status: string, reason?: string) => {
    time += 1000;
    const type = logicalId === stackName ? stackType : 'AWS::SQS::Queue';
    progress.event({
      region: 'us-east-1',
      stackName,
      logicalId,
      type,
      status,
      ...(reason === undefined ? {} : { reason }),
    });
  };
  event('one', 'one', 'CREATE_IN_PROGRESS');
  event('one', 'Queue', 'CREATE_IN_PROGRESS');
  event('one', 'Queue', 'CREATE_COMPLETE');
  event('one', 'one', 'CREATE_COMPLETE');
  progress.stackDone('us-east-1', 'one', 2, 'created');
  event('two', 'two', 'CREATE_IN_PROGRESS');
  event('two', 'Fails', 'CREATE_FAILED', 'name taken');
  event('two', 'Other', 'CREATE_FAILED', 'Resource creation cancelled');
  event('two', 'two', 'ROLLBACK_IN_PROGRESS');
  event('two', 'two', 'ROLLBACK_COMPLETE');
  view.close();
  return stripVTControlCharacters(text);
}

test('elsewhere than on a terminal: one line when a stack begins, one when it ends, and what failed by itself', () => {
  expect(played({}).trimEnd().split('\n')).toEqual([
    'us-east-1 one: deploying 2 resources',
    'us-east-1 one: created in 3.0 s',
    'us-east-1 two: deploying 2 resources',
    '  us-east-1 two/Fails CREATE_FAILED: name taken',
    'us-east-1 two: ROLLBACK_COMPLETE in 4.0 s',
  ]);
});

test('every resource when asked for', () => {
  expect(played({ verbose: true })).toContain('us-east-1 one/Queue CREATE_COMPLETE');
});

test('on a terminal, a line per stack: done, or failed and what failed first', () => {
  const last = played({ isTTY: true }).split('1/2 stacks').at(-1) ?? '';
  expect(last).toMatch(/✓ us-east-1 one +3\.0 s +created/);
  expect(last).toMatch(/✗ us-east-1 two +4\.0 s +ROLLBACK_COMPLETE/);
  expect(last).toMatch(/two\/Fails CREATE_FAILED: name taken/);
});
