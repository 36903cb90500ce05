/**
 * How long customers can't write when the primary Region goes dark: the product beside the baseline, on the same sandbox code, templates,
 * customers and timing model, and beside the least that the modelled AWS times allow.
 */

import { join } from 'node:path';
import { loadWorkload, packageRoot } from '../src/cli/load-workload.ts';
import { synthesize } from '../src/cli/synthesize.ts';
import { openWorkspace } from '../src/cli/workspace.ts';
import type { RehearsalResult } from '../src/rehearsal/result.ts';
import type { Scenario } from '../src/rehearsal/scenario.ts';
import { loadScenario } from '../src/rehearsal/scenario.ts';
import { measureBaseline } from './baseline/measure.ts';
import { modelledPath } from './critical-path.ts';
import type { Benchmark, Figures } from './figures.ts';
import { rounded } from './figures.ts';
import type { Measured, Ours } from './rto-figures.ts';
import { figuresOf } from './rto-figures.ts';
import type { Setting } from './setting.ts';
import { play } from './setting.ts';

export const rto: Benchmark = {
  name: 'rto',
  does: 'the outage as customers see it: the product with both cutovers, the baseline, and what the modelled AWS times allow',
  async run(say): Promise<Figures> {
    const scenario = untilServed(loadScenario(join(packageRoot(), 'scenarios'), 'primary-region-dark'));
    const workspace = openWorkspace();
    /** The example that ships with the project, in one of its two forms. */
    const settingOf = async (example: string): Promise<Setting> => {
      const file = join(packageRoot(), 'examples', example, 'pilot-light.config.ts');
      const { workload, baseDirectory } = await loadWorkload(file);
      const assemblyDirectory = await synthesize(baseDirectory, join(workspace.folder, example, 'cdk.out'));
      return { workload, baseDirectory, assemblyDirectory, scenario, say };
    };
    const measured = async (setting: Setting): Promise<Measured> => {
      const { workload, assemblyDirectory } = setting;
      const { cutover } = workload.database;
      say(`the product, ${cutover}`);
      return { cutover, ours: oursOf(await play(setting)), least: modelledPath(workload, assemblyDirectory) };
    };
    try {
      const setting = await settingOf('photos');
      const promote = await measured(setting);
      const early = await measured(await settingOf('photos-open-early'));
      say('the baseline, started when the product had decided');
      const baseline = await measureBaseline(setting, promote.ours.decided);
      return figuresOf([promote, early], baseline);
    } finally {
      workspace.close();
    }
  },
};

/** What comes after customers write again is another story. */
const untilServed = (scenario: Scenario): Scenario => ({
  ...scenario,
  acts: scenario.acts.filter((act) => 'dark' in act),
  expect: scenario.expect.filter(({ kind, spec }) => kind === 'served-by' && spec['served-by'] === 'recovery'),
});

function oursOf({ rto: parts, moments, steps, speeds, outcome, failures }: RehearsalResult): Ours {
  if (parts.decided === undefined || parts.resolved === undefined)
    throw new Error(`The product did not bring the service back: ${failures.join('; ')}`);
  const ends = steps.filter(({ plan }) => plan === 'failover').map(({ endedAt }) => endedAt);
  return {
    decided: parts.decided.awsSeconds,
    writable: parts.writable?.awsSeconds,
    serving: parts.serving?.awsSeconds,
    resolved: parts.resolved.awsSeconds,
    ended: moments.dark === undefined ? undefined : rounded((Math.max(...ends) - moments.dark.aws) / 1000),
    speed: speeds.outage,
    outcome,
    failures,
  };
}
