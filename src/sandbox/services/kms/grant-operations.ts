/** Grants: recorded, listed and ended. What they allow joins the key's policy: see `key-policy.ts`. */

import type {
  CreateGrantCommandInput,
  ListGrantsCommandInput,
  RetireGrantCommandInput,
  RevokeGrantCommandInput,
} from '@aws-sdk/client-kms';
import type { AnyOperation, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { standingOf } from '../../iam/caller.ts';
import { askOnKey } from './asks.ts';
import { notFound, required, unsupported, validation } from './errors.ts';
import { keyOf, usable } from './keys.ts';
import { page } from './pages.ts';
import type { GrantRow } from './rows.ts';
import { kmsTables } from './rows.ts';

/** Source: KMS API Reference, CreateGrant, for symmetric keys. */
const grantable = new Set([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'CreateGrant',
  'RetireGrant',
  'DescribeKey',
]);

/** The root user, a role, a user or a session; or a service. */
const principalForm =
  /^(arn:aws:iam::\d{12}:(root|(role|user)\/[^*?]+)|arn:aws:sts::\d{12}:assumed-role\/[^*?]+|[\w.-]+\.amazonaws\.com)$/;

export function grantOperations(core: SandboxCore): Record<string, AnyOperation> {
  const grantOn = (call: Call, keyId: string | undefined, grantId: string | undefined): GrantRow => {
    const key = keyOf(core, call, keyId);
    const grant = kmsTables(core, call.region).grants.get(required(grantId, 'grantId'));
    if (grant?.keyId !== key.id) throw notFound(`Grant ID ${grantId} not found`);
    return grant;
  };
  const end = (input: { KeyId?: string | undefined; GrantId?: string | undefined }, call: Call) => {
    kmsTables(core, call.region).grants.delete(grantOn(call, input.KeyId, input.GrantId).id);
    return {};
  };
  const retireAsk = (input: RetireGrantCommandInput, call: Call) => [askOnKey(core, call, 'RetireGrant', input.KeyId)];
  /** The grant itself names who may retire it: no policy is asked about them. */
  const mayRetire = ({ GrantId: id = '' }: RetireGrantCommandInput, { region, principal }: Call): boolean => {
    const retiring = kmsTables(core, region).grants.get(id)?.retiring;
    return retiring !== undefined && namesOf(core, principal).includes(retiring);
  };
  return {
    CreateGrant: operation(
      (input: CreateGrantCommandInput, call) => {
        const row = createGrant(core, input, call);
        return { GrantId: row.id, GrantToken: Buffer.from(row.id, 'hex').toString('base64') };
      },
      (input, call) => [
        askOnKey(core, call, 'CreateGrant', input.KeyId, {
          'kms:GrantOperations': input.Operations ?? [],
          // A service that asks in its caller's name asks for a resource of its own.
          'kms:GrantIsForAWSResource': String((call.calledVia ?? []).length > 0),
          ...(input.GranteePrincipal === undefined ? {} : { 'kms:GranteePrincipal': input.GranteePrincipal }),
        }),
      ],
    ),
    ListGrants: operation(
      (input: ListGrantsCommandInput, call) => {
        const key = keyOf(core, call, input.KeyId);
        const rows = kmsTables(core, call.region)
          .grants.values()
          .filter(
            (grant) =>
              grant.keyId === key.id &&
              (input.GrantId === undefined || grant.id === input.GrantId) &&
              (input.GranteePrincipal === undefined || grant.grantee === input.GranteePrincipal),
          );
        const { items, rest } = page(rows, input);
        return { Grants: items.map((grant) => output(grant, key.arn, call)), ...rest };
      },
      (input, call) => [askOnKey(core, call, 'ListGrants', input.KeyId)],
    ),
    RevokeGrant: operation(
      (input: RevokeGrantCommandInput, call) => end(input, call),
      (input, call) => [askOnKey(core, call, 'RevokeGrant', input.KeyId)],
    ),
    RetireGrant: operation(
      (input: RetireGrantCommandInput, call) => {
        if (input.GrantToken !== undefined) throw unsupported('RetireGrant by GrantToken: name the key and the grant');
        return end(input, call);
      },
      (input, call) => (mayRetire(input, call) ? [] : retireAsk(input, call)),
    ),
  };
}

/** The names a grant may know its caller by. */
function namesOf(core: SandboxCore, principal: Call['principal']): string[] {
  if (principal.kind === 'internal') return [principal.service];
  const { caller } = standingOf(core, principal);
  return [caller.arn, caller.entityArn];
}

function createGrant(core: SandboxCore, input: CreateGrantCommandInput, call: Call): GrantRow {
  const key = usable(keyOf(core, call, input.KeyId));
  const operations = required(input.Operations, 'operations');
  const wrong = operations.find((one) => !grantable.has(one));
  if (operations.length === 0 || wrong !== undefined) {
    throw validation(`Operations has at least one of ${[...grantable].join(', ')}, not ${wrong ?? 'none'}.`);
  }
  const grantee = required(input.GranteePrincipal ?? input.GranteeServicePrincipal, 'granteePrincipal');
  if (!principalForm.test(grantee)) {
    throw new AwsError('InvalidArnException', `${grantee} is not a principal.`);
  }
  const grants = kmsTables(core, call.region).grants;
  // A name makes the request repeatable: the same grant is answered again.
  const same = grants
    .values()
    .find(
      (one) => one.keyId === key.id && one.name === input.Name && one.name !== undefined && one.grantee === grantee,
    );
  if (same !== undefined) return same;
  const id = core.ids.hex(64);
  return grants.put(id, {
    id,
    keyId: key.id,
    name: input.Name,
    grantee,
    retiring: input.RetiringPrincipal ?? input.RetiringServicePrincipal,
    operations,
    contextSubset: input.Constraints?.EncryptionContextSubset,
    contextEquals: input.Constraints?.EncryptionContextEquals,
    createdAt: core.clock.now(),
  });
}

function output(grant: GrantRow, keyArn: string, { account }: Call) {
  const constraints = {
    ...(grant.contextSubset === undefined ? {} : { EncryptionContextSubset: grant.contextSubset }),
    ...(grant.contextEquals === undefined ? {} : { EncryptionContextEquals: grant.contextEquals }),
  };
  return {
    KeyId: keyArn,
    GrantId: grant.id,
    ...(grant.name === undefined ? {} : { Name: grant.name }),
    CreationDate: new Date(grant.createdAt),
    GranteePrincipal: grant.grantee,
    ...(grant.retiring === undefined ? {} : { RetiringPrincipal: grant.retiring }),
    IssuingAccount: `arn:aws:iam::${account}:root`,
    Operations: [...grant.operations],
    ...(Object.keys(constraints).length === 0 ? {} : { Constraints: constraints }),
  };
}
