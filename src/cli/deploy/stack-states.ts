/** What a stack's state means to who wants to change it. */

/** It takes a change set. */
export const updatable: ReadonlySet<string> = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'REVIEW_IN_PROGRESS',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

/** It never came up: it is deleted and made again. */
export const neverCameUp: ReadonlySet<string> = new Set(['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED', 'CREATE_FAILED']);

/** Something is under way. A stack that was only reviewed is at rest. */
export const isUnderWay = (status: string): boolean =>
  status.endsWith('_IN_PROGRESS') && status !== 'REVIEW_IN_PROGRESS';

/** What gets a stack out of a state in which nothing can be deployed to it; undefined where something can. */
export function wayOut(stackName: string, region: string, status: string): string | undefined {
  const where = `--stack-name ${stackName} --region ${region}`;
  if (updatable.has(status) || neverCameUp.has(status)) return undefined;
  if (status === 'UPDATE_ROLLBACK_FAILED')
    return `Run aws cloudformation continue-update-rollback ${where}, once what its events name is put right.`;
  if (status === 'UPDATE_FAILED') return `Run aws cloudformation rollback-stack ${where}.`;
  if (status === 'DELETE_FAILED') return 'Finish it first: `pilot-light destroy` goes on with it.';
  return `Look into it: aws cloudformation describe-stack-events ${where}.`;
}
