/** Resource policies and tags of secrets. */

import type {
  DeleteResourcePolicyCommandInput,
  GetResourcePolicyCommandInput,
  PutResourcePolicyCommandInput,
  TagResourceCommandInput,
  UntagResourceCommandInput,
} from '@aws-sdk/client-secrets-manager';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import type { Policy } from '../../iam/policy.ts';
import { parsePolicy } from '../../iam/policy.ts';
import { PolicyProblem } from '../../iam/problem.ts';
import { unknownPrincipals } from '../iam/known-principals.ts';
import { requestTagKeys } from '../iam/tags.ts';
import { askOnSecret, onSecret } from './asks.ts';
import { malformedPolicy, required } from './errors.ts';
import { readable, writable } from './find.ts';
import type { Replication } from './replication.ts';
import type { SecretRow } from './rows.ts';
import { secrets } from './rows.ts';
import { tagged } from './tags.ts';

export function policyOperations(core: SandboxCore, replication: Replication): Record<string, AnyOperation> {
  const change = (call: Call, secretId: string | undefined, to: (row: SecretRow) => Partial<SecretRow>): SecretRow => {
    const before = writable(core, call, secretId);
    const row = secrets(core, call.region).put(before.name, { ...before, ...to(before), changedAt: core.clock.now() });
    replication.push(call.region, row);
    return row;
  };
  return {
    GetResourcePolicy: operation(
      (input: GetResourcePolicyCommandInput, call) => {
        const { arn, name, policy } = readable(core, call, input.SecretId);
        return { ARN: arn, Name: name, ...(policy === undefined ? {} : { ResourcePolicy: policy }) };
      },
      onSecret(core, 'GetResourcePolicy'),
    ),
    PutResourcePolicy: operation(
      (input: PutResourcePolicyCommandInput, call) => {
        const policy = required(input.ResourcePolicy, 'ResourcePolicy');
        check(core, policy, input.BlockPublicPolicy === true);
        const { arn, name } = change(call, input.SecretId, () => ({ policy }));
        return { ARN: arn, Name: name };
      },
      (input, call) => [
        askOnSecret(core, call, 'PutResourcePolicy', input.SecretId, {
          'secretsmanager:BlockPublicPolicy': String(input.BlockPublicPolicy === true),
        }),
      ],
    ),
    DeleteResourcePolicy: operation(
      (input: DeleteResourcePolicyCommandInput, call) => {
        const { arn, name } = change(call, input.SecretId, () => ({ policy: undefined }));
        return { ARN: arn, Name: name };
      },
      onSecret(core, 'DeleteResourcePolicy'),
    ),
    TagResource: operation(
      (input: TagResourceCommandInput, call) => {
        change(call, input.SecretId, ({ tags }) => ({ tags: tagged(tags, input.Tags) }));
        return {};
      },
      (input, call) => [askOnSecret(core, call, 'TagResource', input.SecretId, requestTagKeys(input.Tags))],
    ),
    UntagResource: operation(
      (input: UntagResourceCommandInput, call) => {
        change(call, input.SecretId, ({ tags }) => ({
          tags: Object.fromEntries(Object.entries(tags).filter(([key]) => input.TagKeys?.includes(key) !== true)),
        }));
        return {};
      },
      (input, call) => [
        askOnSecret(core, call, 'UntagResource', input.SecretId, { 'aws:TagKeys': input.TagKeys ?? [] }),
      ],
    ),
  };
}

function check(core: SandboxCore, document: string, blockPublic: boolean): void {
  const policy = parsed(document);
  const [unknown] = unknownPrincipals(core, policy);
  if (unknown !== undefined)
    throw malformedPolicy(`This resource policy contains an unsupported principal: ${unknown}.`);
  if (blockPublic && isPublic(policy)) {
    throw new AwsError(
      'PublicPolicyException',
      'The resource policy grants broad access to the secret, and BlockPublicPolicy forbids it.',
    );
  }
}

function parsed(document: string): Policy {
  try {
    return parsePolicy(document, 'resource');
  } catch (error) {
    if (!(error instanceof PolicyProblem)) throw error;
    // Secrets Manager's sentence says no more (awsdocs/aws-cloudformation-user-guide#623); what is in brackets is the sandbox's.
    throw malformedPolicy(`This policy has invalid syntax. [${error.message}]`);
  }
}

const isPublic = ({ statements }: Policy): boolean =>
  statements.some(
    ({ effect, principals, conditions }) =>
      effect === 'Allow' && conditions.length === 0 && principals?.names.some(({ type }) => type === 'any') === true,
  );
