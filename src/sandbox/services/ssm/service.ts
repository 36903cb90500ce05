/** Systems Manager of the sandbox, as far as Parameter Store goes. */

import type { SandboxCore, Service } from '../../contract.ts';
import { describes } from './operations/describes.ts';
import { labels } from './operations/labels.ts';
import { puts, resumePuts } from './operations/puts.ts';
import { reads } from './operations/reads.ts';
import { tagging } from './operations/tagging.ts';
import { ParameterStore } from './store.ts';

export function createSsmService(core: SandboxCore): Service {
  const store = new ParameterStore(core);
  return {
    name: 'ssm',
    resume: () => resumePuts(store),
    operations: { ...puts(store), ...reads(store), ...describes(store), ...labels(store), ...tagging(store) },
  };
}
