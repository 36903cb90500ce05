/** Where each stack of a deployment stands, folded from what a deployment says: what the live view and the lines both show. */

import type { DeployProgress } from './progress.ts';
import type { ResourceEvent } from './watch-stack.ts';

export interface StackRow {
  readonly region: string;
  readonly stackName: string;
  /** Resources to be brought along; those that were there and stay as they are don't count. */
  readonly of: number;
  state: 'waiting' | 'at work' | 'going back' | 'done' | 'failed';
  /** Of the stack's end: `created`, `deleted`, `ROLLBACK_COMPLETE`. */
  outcome: string;
  readonly settled: Set<string>;
  /** Resources at work, the one that began last at the end. */
  atWork: string[];
  failure: ResourceEvent | undefined;
  began: number | undefined;
  ended: number | undefined;
}

export interface BoardStack {
  readonly region: string;
  readonly stackName: string;
  readonly of: number;
}

export class StackBoard {
  readonly rows: readonly StackRow[];
  readonly #now: () => number;

  constructor(stacks: readonly BoardStack[], now: () => number) {
    this.#now = now;
    this.rows = stacks.map(({ of, region, stackName }) => ({
      region,
      stackName,
      of,
      state: 'waiting',
      outcome: '',
      settled: new Set(),
      atWork: [],
      failure: undefined,
      began: undefined,
      ended: undefined,
    }));
  }

  /** @returns the row it was about, and what became of it when it begins or ends with this. */
  hear({ ended, event }: DeployProgress): { row: StackRow; turn?: 'began' | 'ended' } | undefined {
    const about = ended ?? event;
    const row = this.rows.find(({ region, stackName }) => region === about?.region && stackName === about.stackName);
    if (row === undefined) return undefined;
    if (ended !== undefined) {
      row.state = 'done';
      row.outcome = ended.outcome;
      row.atWork = [];
      row.ended = this.#now();
      return { row, turn: 'ended' };
    }
    const first = row.began === undefined;
    row.began ??= this.#now();
    if (event !== undefined) this.#fold(row, event);
    const failed = row.state === 'failed';
    return { row, ...(first ? { turn: 'began' as const } : failed ? { turn: 'ended' as const } : {}) };
  }

  elapsed({ began, ended }: StackRow): number {
    return began === undefined ? 0 : (ended ?? this.#now()) - began;
  }

  #fold(row: StackRow, event: ResourceEvent): void {
    const { logicalId, status, type } = event;
    if (type === 'AWS::CloudFormation::Stack' && logicalId === row.stackName) {
      if (status.endsWith('ROLLBACK_IN_PROGRESS')) row.state = 'going back';
      else if (/(ROLLBACK_COMPLETE|FAILED)$/.test(status)) {
        row.state = 'failed';
        row.outcome = status;
        row.ended = this.#now();
      } else if (row.state === 'waiting') row.state = 'at work';
      return;
    }
    if (row.state === 'waiting') row.state = 'at work';
    row.atWork = row.atWork.filter((id) => id !== logicalId);
    if (status.endsWith('_IN_PROGRESS')) row.atWork.push(logicalId);
    else if (row.state === 'at work' && !status.endsWith('_FAILED')) row.settled.add(logicalId);
    if (isFailure(event)) row.failure ??= event;
  }
}

/** A resource that failed by itself: what was cancelled because of it says nothing. */
export const isFailure = ({ reason = '', status }: ResourceEvent): boolean =>
  status.endsWith('_FAILED') && !reason.endsWith('cancelled');
