/** What IAM is asked for Global Accelerator's calls: the resource, and the tags of its accelerator. */

import type { Ask, SandboxCore } from '../../contract.ts';
import { acceleratorTables } from './rows.ts';

export function askOn(core: SandboxCore, action: string, arn: string | undefined, context: Ask['context'] = {}): Ask {
  const [accelerator = ''] = (arn ?? '').split('/listener/');
  const tags = acceleratorTables(core).accelerators.get(accelerator)?.tags ?? {};
  const keys = Object.entries(tags).map(([key, value]) => [`aws:ResourceTag/${key}`, value]);
  return {
    action: `globalaccelerator:${action}`,
    resource: arn ?? '*',
    context: { ...Object.fromEntries(keys), ...context },
  };
}
