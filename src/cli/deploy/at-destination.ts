/** The frame of `deploy`, `diff` and `destroy`: the workload, where its stacks go, a folder to synthesize into, and what an interruption leaves. */

import { join } from 'node:path';
import type { WhereFlags } from '../deploy-commands.ts';
import type { Interruption } from '../interruption.ts';
import { interruption } from '../interruption.ts';
import type { LoadedWorkload } from '../load-workload.ts';
import { loadWorkload } from '../load-workload.ts';
import { openWorkspace } from '../workspace.ts';
import type { Destination } from './destination.ts';
import { openDestination } from './destination.ts';

export interface Scene extends LoadedWorkload {
  readonly destination: Destination;
  /** Where the CDK app is synthesized to; gone with the command. */
  readonly directory: string;
  readonly interrupted: Interruption;
  /** From now on something changes: an interruption says that it goes on. */
  readonly begin: () => void;
}

/** `check` looks at the config before the destination is opened. */
export async function atDestination<T>(
  command: 'deploy' | 'diff' | 'destroy',
  flags: WhereFlags,
  work: (scene: Scene) => Promise<T>,
  check: (loaded: LoadedWorkload) => void = () => {},
): Promise<T> {
  let begun = false;
  const interrupted = interruption(() =>
    begun
      ? `stacks at work go on at AWS, and no further one is started. \`pilot-light ${command}\` waits for them and continues.`
      : 'nothing was changed.',
  );
  const workspace = openWorkspace();
  let destination: Destination | undefined;
  try {
    const loaded = await loadWorkload(flags.config);
    check(loaded);
    destination = await openDestination(flags);
    const directory = join(workspace.folder, 'cdk.out');
    const begin = () => {
      begun = true;
    };
    return await interrupted.orElse(work({ ...loaded, destination, directory, interrupted, begin }));
  } finally {
    await destination?.close();
    workspace.close();
    interrupted.close();
  }
}
