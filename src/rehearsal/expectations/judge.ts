/** Judges a scenario's expectations over and over as its course goes on, and tells each verdict once. */

import type { Course } from '../course/course.ts';
import type { Stage } from '../stage.ts';
import type { Verdict } from './expected.ts';
import { judge } from './expected.ts';

export type JudgedExpectation = Verdict & {
  /** Judged in the end only. */
  readonly finally: boolean;
};

export class Judge {
  readonly #stage: Pick<Stage, 'say' | 'now' | 'scenario'>;
  #verdicts: readonly JudgedExpectation[];

  constructor(stage: Pick<Stage, 'say' | 'now' | 'scenario'>) {
    this.#stage = stage;
    this.#verdicts = stage.scenario.expect.map(({ expected: { says, judged } }) => ({
      says,
      state: 'open',
      seen: '',
      finally: isFinal(judged),
    }));
  }

  get verdicts(): readonly JudgedExpectation[] {
    return this.#verdicts;
  }

  hear(course: Course): void {
    this.#verdicts = this.#verdicts.map((before, index) => {
      const one = this.#stage.scenario.expect[index];
      // What was met or missed once stays so, but for what has to hold to the end.
      if (one === undefined || before.state === 'unmet' || (before.state === 'met' && !before.finally)) return before;
      const verdict = { ...judge(one.expected, course), finally: before.finally };
      if (verdict.state !== 'open' && verdict.state !== before.state) this.#tell(verdict);
      return verdict;
    });
  }

  #tell({ state, says, seen }: Verdict): void {
    if (state === 'open') return;
    this.#stage.say({
      kind: 'expectation',
      at: this.#stage.now(),
      state,
      says: `${says}: ${state === 'met' ? 'met' : 'NOT MET'} ${seen}`,
    });
  }
}

const isFinal = (judged: Stage['scenario']['expect'][number]['expected']['judged']): boolean =>
  judged.shape === 'finally' || (judged.shape === 'throughout' && judged.seconds === undefined);
