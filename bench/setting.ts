/** What both sides of the comparison are played in: the same templates, scenario, timing model and speeds, on a fresh sandbox each. */

import { deployAssembly } from '../src/cli/deploy/deploy-assembly.ts';
import { sandboxTarget } from '../src/cli/sandbox-target.ts';
import { monotonic } from '../src/kernel/clock.ts';
import { conduct } from '../src/rehearsal/conduct.ts';
import type { RehearsalEvent } from '../src/rehearsal/events.ts';
import { lines } from '../src/rehearsal/lines.ts';
import type { RehearsalResult } from '../src/rehearsal/result.ts';
import type { Scenario } from '../src/rehearsal/scenario.ts';
import { Stage } from '../src/rehearsal/stage.ts';
import type { Workload } from '../src/workload/config.ts';
import type { StandIn } from './baseline/stand-in.ts';
import { withStandIn } from './baseline/stand-in.ts';
import type { Say } from './figures.ts';

/** Waits of set-up are gone through fast; what is measured runs at 5 times real time. */
const speeds = { dull: 150, measured: 5 } as const;

export interface Setting {
  readonly workload: Workload;
  readonly baseDirectory: string;
  readonly assemblyDirectory: string;
  readonly scenario: Scenario;
  readonly say: Say;
}

/** Plays the scenario; with a stand-in it ends where the stand-in does. */
export async function play(setting: Setting, standIn?: (stage: () => Stage) => StandIn): Promise<RehearsalResult> {
  const { workload, baseDirectory, assemblyDirectory, scenario, say } = setting;
  const began = monotonic();
  const show = lines({ write: (text) => say(text.trimEnd()) });
  const target = await sandboxTarget({ workload, baseDirectory, speed: 'max' });
  try {
    let known: Stage | undefined;
    const theStage = (): Stage => {
      if (known === undefined) throw new Error('There is no stage yet.');
      return known;
    };
    const stage = new Stage({
      target: standIn === undefined ? target : withStandIn(target, standIn(theStage)),
      workload,
      scenario,
      speeds,
      listener: (event) => isNews(event) && show.hear(event),
      realNow: monotonic,
      began,
    });
    known = stage;
    let deployed = false;
    return await conduct(stage, {
      async deploy() {
        // The second deployment, at the end, is for workloads that are home again.
        if (deployed) return 0;
        deployed = true;
        return (await deployAssembly({ assemblyDirectory, clients: (region) => target.clients(region) })).changed;
      },
      breakGlass: nobody,
      order: nobody,
      answer: nobody,
    });
  } finally {
    await target.stop();
  }
}

const isNews = ({ kind }: RehearsalEvent): boolean => ['phase', 'progress', 'moment', 'problem'].includes(kind);

/** What a bench measures is the product's alone. */
const nobody = () => Promise.reject(new Error('No person acts in a bench.'));
