/** Policies of roles and users: inline, attached, and the boundary. The two kinds of holders differ only in name. */

import type { AnyOperation, Ask, Call, SandboxCore } from '../../contract.ts';
import { operation } from '../../contract.ts';
import { awsManaged } from './aws-managed.ts';
import { encoded, identityDocument, size } from './documents.ts';
import { askOnRole, askOnUser, ownRole, roleRow, userRow } from './entities.ts';
import { limitExceeded, noSuchEntity, required } from './errors.ts';
import { policyName, roleName, userName } from './names.ts';
import { page } from './pages.ts';
import type { EntityRow } from './rows.ts';
import { iamTables } from './rows.ts';

/** The operations' inputs: a role's or a user's name, and what they are about. */
interface Input {
  readonly RoleName?: string | undefined;
  readonly UserName?: string | undefined;
  readonly PolicyName?: string | undefined;
  readonly PolicyDocument?: string | undefined;
  readonly PolicyArn?: string | undefined;
  readonly PermissionsBoundary?: string | undefined;
  readonly Marker?: string | undefined;
  readonly MaxItems?: number | undefined;
}

interface Holder {
  readonly kind: 'Role' | 'User';
  name(input: Input): string;
  read(input: Input): EntityRow;
  /** Throws where AWS keeps the holder to itself. */
  change(input: Input, to: (row: EntityRow) => Partial<EntityRow>): void;
  ask(action: string, input: Input, call: Call, context?: Ask['context']): Ask;
  /** AWS's limit on all inline policies together, in characters without white space. */
  readonly inlineLimit: number;
}

/** Quota "Managed policies attached to an IAM role", its default. */
const attachedLimit = 10;

/** `PutRolePolicy` and its kin, for roles and for users. */
export function attachmentOperations(core: SandboxCore): Record<string, AnyOperation> {
  const { roles, users } = iamTables(core);
  const role: Holder = {
    kind: 'Role',
    inlineLimit: 10_240,
    name: (input) => roleName(input.RoleName),
    read: (input) => roleRow(core, roleName(input.RoleName)),
    change: (input, to) => {
      const row = ownRole(core, roleName(input.RoleName));
      roles.put(row.name, { ...row, ...to(row) });
    },
    ask: (action, input, call, context) => askOnRole(core, call, action, input.RoleName, context),
  };
  const user: Holder = {
    kind: 'User',
    inlineLimit: 2048,
    name: (input) => userName(input.UserName),
    read: (input) => userRow(core, userName(input.UserName)),
    change: (input, to) => {
      const row = userRow(core, userName(input.UserName));
      users.put(row.name, { ...row, ...to(row) });
    },
    ask: (action, input, call, context) => askOnUser(core, call, action, input.UserName, context),
  };
  return { ...operationsOf(core, role), ...operationsOf(core, user) };
}

/** Refuses a boundary that isn't a managed policy. */
export function checkBoundary(core: SandboxCore, arn: string): void {
  if (!managedExists(core, arn)) throw noSuchEntity(`Scope ARN: ${arn} does not exist or is not attachable.`);
}

function operationsOf(core: SandboxCore, holder: Holder): Record<string, AnyOperation> {
  const { kind } = holder;
  return {
    ...inlineOperations(holder, kind),
    ...attachedOperations(core, holder, kind),
    ...boundaryOperations(core, holder, kind),
  };
}

function inlineOperations(holder: Holder, kind: string): Record<string, AnyOperation> {
  const ask = (action: string) => (input: Input, call: Call) => [holder.ask(action, input, call)];
  const existing = (input: Input): string => {
    const name = policyName(input.PolicyName);
    const document = holder.read(input).inline[name];
    if (document === undefined) {
      throw noSuchEntity(`The ${kind.toLowerCase()} policy with name ${name} cannot be found.`);
    }
    return document;
  };
  return {
    [`Put${kind}Policy`]: operation(
      (input: Input) => {
        const [name, document] = [policyName(input.PolicyName), identityDocument(input.PolicyDocument)];
        holder.change(input, ({ inline }) => {
          const all = { ...inline, [name]: document };
          const total = Object.values(all).reduce((sum, one) => sum + size(one), 0);
          if (total > holder.inlineLimit) {
            throw limitExceeded(
              `Maximum policy size of ${holder.inlineLimit} bytes exceeded for ${kind.toLowerCase()} ${holder.name(input)}`,
            );
          }
          return { inline: all };
        });
        return {};
      },
      ask(`Put${kind}Policy`),
    ),
    [`Get${kind}Policy`]: operation(
      (input: Input) => ({
        [`${kind}Name`]: holder.name(input),
        PolicyName: policyName(input.PolicyName),
        PolicyDocument: encoded(existing(input)),
      }),
      ask(`Get${kind}Policy`),
    ),
    [`Delete${kind}Policy`]: operation(
      (input: Input) => {
        existing(input);
        holder.change(input, ({ inline }) => {
          const { [policyName(input.PolicyName)]: _, ...rest } = inline;
          return { inline: rest };
        });
        return {};
      },
      ask(`Delete${kind}Policy`),
    ),
    [`List${kind}Policies`]: operation(
      (input: Input) => {
        const { items, rest } = page(Object.keys(holder.read(input).inline).toSorted(), input);
        return { PolicyNames: items, ...rest };
      },
      ask(`List${kind}Policies`),
    ),
  };
}

function attachedOperations(core: SandboxCore, holder: Holder, kind: string): Record<string, AnyOperation> {
  const ask = (action: string) => (input: Input, call: Call) => [
    holder.ask(action, input, call, input.PolicyArn === undefined ? {} : { 'iam:PolicyARN': input.PolicyArn }),
  ];
  return {
    [`Attach${kind}Policy`]: operation(
      (input: Input) => {
        const arn = required(input.PolicyArn, 'policyArn');
        if (!managedExists(core, arn)) throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
        holder.change(input, ({ attached }) => {
          if (attached.includes(arn)) return {};
          if (attached.length >= attachedLimit) {
            throw limitExceeded(`Cannot exceed quota for PoliciesPer${kind}: ${attachedLimit}`);
          }
          return { attached: [...attached, arn] };
        });
        return {};
      },
      ask(`Attach${kind}Policy`),
    ),
    [`Detach${kind}Policy`]: operation(
      (input: Input) => {
        const arn = required(input.PolicyArn, 'policyArn');
        holder.change(input, ({ attached }) => {
          if (!attached.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
          return { attached: attached.filter((one) => one !== arn) };
        });
        return {};
      },
      ask(`Detach${kind}Policy`),
    ),
    [`ListAttached${kind}Policies`]: operation(
      (input: Input) => {
        const { items, rest } = page(holder.read(input).attached, input);
        const policies = items.map((arn) => ({ PolicyName: arn.split('/').at(-1), PolicyArn: arn }));
        return { AttachedPolicies: policies, ...rest };
      },
      ask(`ListAttached${kind}Policies`),
    ),
  };
}

function boundaryOperations(core: SandboxCore, holder: Holder, kind: string): Record<string, AnyOperation> {
  const ask = (action: string) => (input: Input, call: Call) => [
    holder.ask(
      action,
      input,
      call,
      input.PermissionsBoundary === undefined ? {} : { 'iam:PermissionsBoundary': input.PermissionsBoundary },
    ),
  ];
  return {
    [`Put${kind}PermissionsBoundary`]: operation(
      (input: Input) => {
        const boundary = required(input.PermissionsBoundary, 'permissionsBoundary');
        checkBoundary(core, boundary);
        holder.change(input, () => ({ boundary }));
        return {};
      },
      ask(`Put${kind}PermissionsBoundary`),
    ),
    [`Delete${kind}PermissionsBoundary`]: operation(
      (input: Input) => {
        if (holder.read(input).boundary === undefined) {
          throw noSuchEntity(
            `The permissions boundary of ${kind.toLowerCase()} ${holder.name(input)} cannot be found.`,
          );
        }
        holder.change(input, () => ({ boundary: undefined }));
        return {};
      },
      ask(`Delete${kind}PermissionsBoundary`),
    ),
  };
}

const managedExists = (core: SandboxCore, arn: string): boolean =>
  awsManaged(arn) !== undefined || iamTables(core).policies.has(arn);
