/** What Parameter Store asks IAM. Source: Service Authorization Reference, "Actions for AWS Systems Manager". */

import type { Ask, Call } from '../../contract.ts';
import { parameterArn, parseSelected } from './names.ts';
import { isPublic, publicArn } from './public-parameters.ts';

export function onParameter(action: string, name: string | undefined, call: Call, context?: Ask['context']): Ask {
  const plain = name === undefined || name === '' ? '' : parseSelected(name).name;
  const resource = isPublic(plain) ? publicArn(call.region, plain) : parameterArn(call.region, call.account, plain);
  return { action: `ssm:${action}`, resource, ...(context === undefined ? {} : { context }) };
}

/** An authorizer for operations on one parameter. */
export const named =
  (action: string) =>
  (input: { Name?: string | undefined }, call: Call): Ask[] => [onParameter(action, input.Name, call)];

/** An authorizer for operations on several. */
export const eachNamed =
  (action: string) =>
  (input: { Names?: string[] | undefined }, call: Call): Ask[] =>
    (input.Names ?? []).map((name) => onParameter(action, name, call));
