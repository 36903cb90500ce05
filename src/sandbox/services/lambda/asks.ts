/** What IAM is asked about functions. */

import type { Ask, Call, SandboxCore } from '../../contract.ts';
import { functionKey } from './names.ts';
import { functionArn } from './rows.ts';

interface Named {
  readonly FunctionName?: string | undefined;
  readonly Qualifier?: string | undefined;
}

/** `lambda:<action>` on the function, with the version or alias when one is named. */
export const onFunction =
  (core: SandboxCore, action: string) =>
  ({ FunctionName, Qualifier }: Named, call: Call): Ask[] => [
    { action: `lambda:${action}`, resource: functionArn(core, call.region, functionKey(FunctionName, Qualifier)) },
  ];

/** `lambda:<action>` on an ARN the request carries. */
export const onResource =
  (action: string) =>
  ({ Resource = '*' }: { readonly Resource?: string | undefined }): Ask[] => [
    { action: `lambda:${action}`, resource: Resource },
  ];
