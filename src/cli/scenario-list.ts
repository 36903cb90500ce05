/** `pilot-light rehearse --list`: the scenarios there are. */

import { loadScenario, scenarioNames } from '../rehearsal/scenario.ts';
import { columns, print, printJson } from './text.ts';

export function listScenarios(folder: string, json: boolean): number {
  const all = scenarioNames(folder).map((name) => loadScenario(folder, name));
  if (json) printJson(all.map(({ name, title, tells, minutes }) => ({ name, title, tells: tells.trim(), minutes })));
  else {
    const minutes = all.reduce((sum, one) => sum + one.minutes, 0);
    print([
      ...columns(all.map((one) => [one.name, `${one.minutes} min`, one.title])),
      '',
      `\`pilot-light rehearse all\` plays them one after the other, in about ${Math.round(minutes)} minutes on a small machine.`,
    ]);
  }
  return 0;
}
