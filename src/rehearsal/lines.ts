/** One line per event, for logs, pipes and CI. Times are AWS time since the beginning of what is measured, and real time; both say so. */

import { specOf } from '../plan/catalogue.ts';
import type { Instant, RehearsalEvent } from './events.ts';

export interface Show {
  hear(event: RehearsalEvent): void;
  close(): void;
}

export function lines(out: { write(text: string): unknown }): Show {
  let dark: Instant | undefined;
  const line = (at: Instant, text: string) => {
    const outage = dark === undefined ? '' : `  +${((at.aws - dark.aws) / 1000).toFixed(1).padStart(7)} AWS s`;
    out.write(`${(at.real / 1000).toFixed(1).padStart(6)} s${outage}  ${text}\n`);
  };
  return {
    hear(event) {
      switch (event.kind) {
        case 'begin':
          return line(
            event.at,
            `${event.title} (${event.scenario}): ${event.workload}, ${event.regions.primary} and ${event.regions.recovery}`,
          );
        case 'phase':
          return line(event.at, `== ${event.phase}: ${event.says}`);
        case 'progress':
          return line(event.at, `${event.of === undefined ? '' : `[${event.done}/${event.of}] `}${event.says}`);
        case 'moment':
          if (event.moment === 'dark' || event.moment === 'outage') dark = event.at;
          return line(event.at, `** ${event.moment}: ${event.says}`);
        case 'decision':
          return line(event.at, `decision: ${event.code}: ${event.sentence}`);
        case 'step':
          return line(
            event.at,
            `${event.plan} ${event.step} ${event.state}${event.state === 'running' ? `: ${specOf(event.step).does}` : ''}`,
          );
        case 'fault':
          return line(event.at, `fault ${event.state}: ${event.says}`);
        case 'act':
          return line(event.at, `>> ${event.says}`);
        case 'notice':
          return line(event.at, `told (${event.side}): ${event.text.split('\n')[0]}`);
        case 'expectation':
          return line(event.at, `${event.state === 'met' ? 'ok' : '!!'} ${event.says}`);
        case 'problem':
          return line(event.at, `!! ${event.says}`);
        case 'end':
          return line(event.at, `${event.outcome}: ${event.says}`);
        case 'sample':
          return;
      }
    },
    close() {},
  };
}
