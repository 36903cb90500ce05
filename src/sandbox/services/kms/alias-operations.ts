/** Aliases: names for keys. Changing one needs leave on the alias and on the keys it leaves and goes to. */

import type {
  CreateAliasCommandInput,
  DeleteAliasCommandInput,
  ListAliasesCommandInput,
  UpdateAliasCommandInput,
} from '@aws-sdk/client-kms';
import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError, operation } from '../../contract.ts';
import { askOnKey } from './asks.ts';
import { notFound, required, validation } from './errors.ts';
import { aliasOf, customerKey, keyOf, liveKey, notPending } from './keys.ts';
import { isManagedAlias } from './managed-keys.ts';
import { page } from './pages.ts';
import type { AliasRow } from './rows.ts';
import { kmsTables } from './rows.ts';

export function aliasOperations(core: SandboxCore): Record<string, AnyOperation> {
  const arnOf = ({ account, region }: Call, name: string): string => `arn:aws:kms:${region}:${account}:${name}`;
  const askOnAlias = (action: string, name: string | undefined, call: Call): Ask => ({
    action: `kms:${action}`,
    resource: arnOf(call, name ?? ''),
  });
  /** The question about the key the alias points at now, if it is there. */
  const askOnTarget = (action: string, name: string | undefined, call: Call): Ask[] => {
    const alias = aliasOf(core, call, name ?? '');
    return alias === undefined ? [] : [askOnKey(core, call, action, alias.keyId)];
  };
  const existing = (given: string | undefined, call: Call): AliasRow => {
    const name = aliasName(given);
    const row = aliasOf(core, call, name);
    if (row === undefined || liveKey(core, call, row.keyId) === undefined) {
      throw notFound(`Alias ${arnOf(call, name)} is not found.`);
    }
    return row;
  };
  return {
    CreateAlias: operation(
      (input: CreateAliasCommandInput, call) => {
        const name = aliasName(input.AliasName);
        const key = notPending(customerKey(core, call, targetId(input.TargetKeyId)));
        const known = aliasOf(core, call, name);
        if (known !== undefined && liveKey(core, call, known.keyId) !== undefined) {
          throw new AwsError('AlreadyExistsException', `An alias with the name ${arnOf(call, name)} already exists`);
        }
        const now = core.clock.now();
        const row = { name, arn: arnOf(call, name), keyId: key.id, createdAt: now, updatedAt: now };
        kmsTables(core, call.region).aliases.put(name, row);
        return {};
      },
      (input, call) => [
        askOnKey(core, call, 'CreateAlias', targetId(input.TargetKeyId)),
        askOnAlias('CreateAlias', input.AliasName, call),
      ],
    ),
    UpdateAlias: operation(
      (input: UpdateAliasCommandInput, call) => {
        const row = existing(input.AliasName, call);
        const key = notPending(customerKey(core, call, targetId(input.TargetKeyId)));
        const changed = { ...row, keyId: key.id, updatedAt: core.clock.now() };
        kmsTables(core, call.region).aliases.put(row.name, changed);
        return {};
      },
      (input, call) => [
        ...askOnTarget('UpdateAlias', input.AliasName, call),
        askOnKey(core, call, 'UpdateAlias', targetId(input.TargetKeyId)),
        askOnAlias('UpdateAlias', input.AliasName, call),
      ],
    ),
    DeleteAlias: operation(
      (input: DeleteAliasCommandInput, call) => {
        kmsTables(core, call.region).aliases.delete(existing(input.AliasName, call).name);
        return {};
      },
      (input, call) => [
        ...askOnTarget('DeleteAlias', input.AliasName, call),
        askOnAlias('DeleteAlias', input.AliasName, call),
      ],
    ),
    ListAliases: operation((input: ListAliasesCommandInput, call) => {
      const of = input.KeyId === undefined ? undefined : keyOf(core, call, input.KeyId).id;
      const rows = kmsTables(core, call.region)
        .aliases.values()
        .filter(({ keyId }) => (of === undefined || keyId === of) && liveKey(core, call, keyId) !== undefined);
      const { items, rest } = page(rows, input);
      return { Aliases: items.map(output), ...rest };
    }),
  };
}

function aliasName(given: string | undefined): string {
  const name = required(given, 'aliasName');
  if (!/^alias\/[\w/-]{1,250}$/.test(name)) {
    throw validation(
      `Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html`,
    );
  }
  if (isManagedAlias(name))
    throw new AwsError('NotAuthorizedException', 'Aliases that begin with alias/aws/ belong to AWS.');
  return name;
}

/** A target is a key, never another alias. */
function targetId(given: string | undefined): string {
  const id = required(given, 'targetKeyId');
  if (id.includes('alias/')) throw validation('Aliases must refer to keys. Not aliases');
  return id;
}

const output = (row: AliasRow) => ({
  AliasName: row.name,
  AliasArn: row.arn,
  TargetKeyId: row.keyId,
  CreationDate: new Date(row.createdAt),
  LastUpdatedDate: new Date(row.updatedAt),
});
