/**
 * Watches a rehearsal's course from the outage to its end: with an administrator's eyes, through the product's own records, and by the
 * customers' record. A look that fails has seen nothing; nothing is timed by when it was looked at.
 */

import { messageOf } from '../../kernel/errors.ts';
import type { PlanName } from '../../plan/graph.ts';
import { readDebt } from '../../state/debts.ts';
import type { Side } from '../../workload/judged.ts';
import { publicName } from '../../workload/judged.ts';
import { follow } from '../follow.ts';
import { waitingMessages } from '../messages.ts';
import { allRuns, executionOf, latestRun, storeOf } from '../runs.ts';
import type { Stage } from '../stage.ts';
import type { Course, WriteSeen } from './course.ts';
import { nothingSeen } from './course.ts';
import type { Failover } from './moments.ts';
import { momentsOf } from './moments.ts';
import { mailbox } from './notices.ts';
import { roundsOf } from './rounds.ts';
import { replacedIn, tierOf } from './tier.ts';

/** Real milliseconds between two looks at least. */
const pause = 500;
const rest = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Watching {
  course: Course = nothingSeen;
  readonly #stage: Stage;
  #looks: (() => Promise<void>)[] = [];
  readonly #busy = new Set<() => Promise<void>>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Opens what has to be there before anything happens. */
  async begin(): Promise<void> {
    const stage = this.#stage;
    const { clock } = stage.target;
    const rounds = roundsOf(stage, clock.now());
    const boxes = await Promise.all((['primary', 'recovery'] as const).map((side) => mailbox(stage, side)));
    this.#looks = [
      () => this.#writes(),
      async () => {
        const at = clock.now();
        const added = await rounds();
        for (const [index, round] of added.entries()) {
          const before = added[index - 1] ?? this.course.rounds.at(-1);
          if (before?.decision === round.decision && before.finding === round.finding) continue;
          const { decision, finding, sentence } = round;
          stage.say({ kind: 'decision', at: stage.at(round.at), code: `${decision} (${finding})`, sentence });
        }
        this.#see({ rounds: [...this.course.rounds, ...added], roundsReadAt: at });
      },
      ...boxes.map((box) => async () => {
        const added = await box();
        for (const { at, side, text } of added) stage.say({ kind: 'notice', at: stage.at(at), side, text });
        if (added.length > 0) this.#see({ notices: [...this.course.notices, ...added] });
      }),
      ...(['primary', 'recovery'] as const).flatMap((side) => [() => this.#tier(side), () => this.#waiting(side)]),
      () => this.#leads(),
      () => this.#runs(),
    ];
  }

  /** Looks at everything that isn't being looked at still: a Region that hangs must hold up nothing but its own looks. */
  async look(): Promise<Course> {
    const looks = this.#looks
      .filter((one) => !this.#busy.has(one))
      .map(async (one) => {
        this.#busy.add(one);
        // What can't be seen now is seen in the next look; what an expectation never sees fails it.
        await one().catch(() => {});
        this.#busy.delete(one);
      });
    await Promise.race([Promise.all(looks), rest(2 * pause)]);
    this.#see({ now: this.#stage.target.clock.now() });
    return this.course;
  }

  /** The last look, with what the end showed. */
  async end(end: NonNullable<Course['end']>): Promise<Course> {
    await this.look();
    await Promise.race([Promise.allSettled(this.#looks.map((one) => one())), rest(5000)]);
    const replaced = await Promise.allSettled(
      (['primary', 'recovery'] as const).map((side) => replacedIn(this.#stage, side)),
    );
    this.#see({ over: true, end, replaced: replaced.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])) });
    return this.course;
  }

  /** Between two looks. On the way home, hours of AWS time are gone through: what looking costs there, the machine lacks. */
  readonly rest = (): Promise<void> => rest(this.#stage.phase === 'failback' ? 4 * pause : pause);

  #see(news: Partial<Course>): void {
    const moments = Object.fromEntries(Object.entries(this.#stage.moments).map(([name, { aws }]) => [name, aws]));
    this.course = { ...this.course, moments, ...news };
  }

  async #writes(): Promise<void> {
    const stage = this.#stage;
    const added = await stage.attempts.refresh();
    const writes = stage.attempts.attempts.map(
      ({ startedAt, endedAt, acknowledged, region }): WriteSeen => ({
        startedAt,
        endedAt,
        acknowledged,
        side: stage.sideOf(region),
      }),
    );
    if (added.length > 0 || writes.length !== this.course.writes.length) this.#see({ writes });
  }

  async #tier(side: Side): Promise<void> {
    if (this.#stage.down.has(side)) return;
    const at = this.#stage.target.clock.now();
    const { desired, instances } = await tierOf(this.#stage, side);
    const last = this.course.groups.filter((one) => one.side === side).at(-1);
    if (last?.desired === desired && last.instances === instances) return;
    this.#see({ groups: [...this.course.groups, { at, side, desired, instances }] });
  }

  async #waiting(side: Side): Promise<void> {
    if (this.#stage.down.has(side)) return;
    const at = this.#stage.target.clock.now();
    const messages = await waitingMessages(this.#stage, side);
    if (this.course.waiting.filter((one) => one.side === side).at(-1)?.messages === messages) return;
    this.#see({ waiting: [...this.course.waiting, { at, side, messages }] });
  }

  async #leads(): Promise<void> {
    const stage = this.#stage;
    const name = publicName(stage.workload)?.name;
    if (name === undefined) return;
    const at = stage.target.clock.now();
    const [address = ''] = await stage.target.addressesOf(name);
    const side = stage.sideOf(stage.regionAt(address));
    if (this.course.leads.length > 0 && this.course.leads.at(-1)?.side === side) return;
    this.#see({ leads: [...this.course.leads, { at, side }] });
  }

  async #runs(): Promise<void> {
    const stage = this.#stage;
    if (stage.down.has('recovery')) return;
    const [runs, debt] = await Promise.all([allRuns(stage), readDebt(storeOf(stage), 'primary')]);
    this.#see({
      fencedAt: debt?.paidAt,
      runs: runs.map(({ id, plan, status, trigger, execution, startedAt, endedAt, failure }) => ({
        id,
        plan,
        status,
        by: trigger.by,
        execution,
        startedAt,
        endedAt,
        failure: failure?.error,
      })),
    });
    for (const { moment, at, says } of momentsOf(this.course, await this.#failover())) stage.moment(moment, says, at);
    this.#see({});
  }

  async #failover(): Promise<Failover | undefined> {
    const stage = this.#stage;
    const run = (await latestRun(stage, 'failover')) ?? (await latestRun(stage, 'switchover'));
    if (run === undefined) return undefined;
    const { plan } = run;
    if (run.status === 'running' || !this.#followed.has(run.id)) {
      try {
        await this.#follow(plan, run.execution);
        if (run.status !== 'running') this.#followed.add(run.id);
      } catch (error) {
        // With Step Functions lost its history can't be read; what the run's own record says is as true.
        this.#tellOnce(`the history of ${plan} can't be read: ${messageOf(error)}`);
      }
    }
    const debt = await readDebt(storeOf(stage), 'primary');
    return {
      startedAt: run.startedAt,
      why: run.trigger.why,
      committedAt: debt?.epoch === run.epoch ? debt.owedSince : undefined,
      writableAt: (run.facts.writable as { at: number } | undefined)?.at,
      succeededAt: run.status === 'succeeded' ? run.endedAt : undefined,
    };
  }

  #tellOnce(says: string): void {
    if (this.#told.has(says)) return;
    this.#told.add(says);
    this.#stage.progress(says);
  }

  async #follow(plan: PlanName, carriedOutBy: string): Promise<void> {
    const stage = this.#stage;
    const execution = carriedOutBy.startsWith('arn:') ? { arn: carriedOutBy } : await executionOf(stage, plan);
    if (execution !== undefined) await follow(stage, plan, execution.arn);
  }

  readonly #told = new Set<string>();
  readonly #followed = new Set<string>();
}
