/** The control channel of a running sandbox, and what it is told of itself by whoever started it. */

import { isoTime, wallClock } from '../../kernel/clock.ts';
import type { IamAuthorizer } from '../iam/authorizer.ts';
import type { RunningSandbox } from '../sandbox.ts';
import { paceMeter } from './pace-meter.ts';
import type { Respondent } from './protocol.ts';
import { respondentOf, type Told } from './respondent.ts';
import { serveControl } from './server.ts';

export interface Control extends Respondent {
  /** Says what became of it; what isn't said stays. */
  tell(news: Partial<Omit<Told, 'since'>>): void;
  close(): Promise<void>;
}

export async function openControl(
  sandbox: RunningSandbox & { readonly iam: IamAuthorizer },
  first: Omit<Told, 'since'>,
): Promise<Control> {
  let told: Told = { ...first, since: isoTime(wallClock.now()) };
  const meter = paceMeter(sandbox.clock);
  const respondent = respondentOf(sandbox, meter, () => told);
  const server = await serveControl(sandbox.core.scratch, respondent).catch((error: unknown) => {
    meter.close();
    throw error;
  });
  return {
    ...respondent,
    tell(news) {
      told = { ...told, ...news };
    },
    async close() {
      meter.close();
      await server.close();
    },
  };
}
