/** `pilot-light run list` and `run show`: runs from the state alone, so that they are told with the primary Region dark and Step Functions lost. */

import type { Base } from '../../engines/base.ts';
import { sleep, wallClock } from '../../kernel/clock.ts';
import type { Course } from '../../state/course.ts';
import { readCourse } from '../../state/course.ts';
import type { StoredRun } from '../../state/runs.ts';
import { readFacts, readRun } from '../../state/runs.ts';
import type { AskedFlags } from '../asked-clients.ts';
import { askedBase } from '../asked-clients.ts';
import type { ShowFlags } from '../run-commands.ts';
import { columns, print, printJson } from '../text.ts';
import { findRun, runsOf } from './find-run.ts';
import { headOf, lineOf, newsOf, stateOf, tableOf } from './run-text.ts';

export async function listRuns(flags: AskedFlags): Promise<number> {
  const base = await askedBase(flags);
  const runs = (await runsOf(base)).slice(0, 20);
  if (flags.json === true) printJson({ workload: base.names.prefix, runs });
  else if (runs.length === 0) print([`${base.names.prefix} has had no run.`]);
  else print(columns([['started (UTC)', 'plan', 'epoch', 'outcome', 'run', 'why'], ...runs.map(lineOf)]));
  return 0;
}

export async function showRun(id: string | undefined, flags: ShowFlags): Promise<number> {
  const base = await askedBase(flags);
  const run = await findRun(base, id);
  if (flags.follow === true && run.status === 'running') return follow(base, run.id, flags.json === true);
  const [course, facts] = await Promise.all([readCourse(base.store, run.id), readFacts(base.store, run.id)]);
  if (flags.json === true) printJson({ ...run, facts, course });
  else print([...headOf(run), '', ...tableOf(base.workload, run, course)]);
  return run.status === 'failed' || run.status === 'aborted' ? 1 : 0;
}

/** Tells what happens until the run has ended. Answers the exit code: 0 when it succeeded. */
export async function follow(base: Base, id: string, json: boolean): Promise<number> {
  const out = json ? process.stderr : process.stdout;
  const told = new Set<string>();
  let started = false;
  for (;;) {
    const seen = await look(base, id);
    if (seen !== undefined) {
      const { run, course } = seen;
      if (!started) out.write(`${headOf(run).join('\n')}\n`);
      started = true;
      for (const line of newsOf(run, course, told)) out.write(`${line}\n`);
      if (run.status !== 'running') {
        out.write(`${stateOf(run)}\n`);
        if (json) printJson({ ...run, facts: await readFacts(base.store, id), course });
        return run.status === 'succeeded' ? 0 : 1;
      }
    }
    await sleep(wallClock, 1000);
  }
}

/** What can't be read just now is read a second later: it is the run that counts, not who looks on. */
async function look({ store }: Base, id: string): Promise<{ run: StoredRun; course: Course } | undefined> {
  try {
    const [run, course] = await Promise.all([readRun(store, id), readCourse(store, id)]);
    return run === undefined ? undefined : { run, course };
  } catch {
    return undefined;
  }
}
