/** What every request of the service goes through: refusals, template text, identity, and what IAM is asked. */

import { text as readText } from 'node:stream/consumers';
import type { Capability, Parameter, RollbackConfiguration, Tag } from '@aws-sdk/client-cloudformation';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { validationError } from '../../cloudformation/errors.ts';
import { findStack, stackTables } from '../../cloudformation/stack.ts';
import type { Template } from '../../cloudformation/template.ts';
import type { Ask, Call, SandboxCore } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import { bucketAndKey } from './template-url.ts';

/** Members CreateStack, UpdateStack and CreateChangeSet share. */
export interface StackRequest {
  StackName?: string | undefined;
  TemplateBody?: string | undefined;
  TemplateURL?: string | undefined;
  UsePreviousTemplate?: boolean | undefined;
  Parameters?: Parameter[] | undefined;
  Capabilities?: Capability[] | undefined;
  Tags?: Tag[] | undefined;
  RoleARN?: string | undefined;
  NotificationARNs?: string[] | undefined;
  ResourceTypes?: string[] | undefined;
  RollbackConfiguration?: RollbackConfiguration | undefined;
}

/** Refuses by name what would change behaviour and isn't supported. */
export function refuseUnsupported(input: StackRequest, alsoRefused: Readonly<Record<string, boolean>>): void {
  const given: Readonly<Record<string, boolean>> = {
    NotificationARNs: (input.NotificationARNs ?? []).length > 0,
    ResourceTypes: (input.ResourceTypes ?? []).length > 0,
    RollbackConfiguration: (input.RollbackConfiguration?.RollbackTriggers ?? []).length > 0,
    ...alsoRefused,
  };
  for (const [member, isGiven] of Object.entries(given)) {
    if (isGiven) throw validationError(`The sandbox's CloudFormation doesn't support ${member}`);
  }
}

/** Bytes. Source: CloudFormation User Guide, "Understand CloudFormation quotas". */
const largestBody = 51_200;
const largestTemplate = 1_000_000;

function sized(body: string): string {
  if (Buffer.byteLength(body) <= largestBody) return body;
  throw validationError(
    `1 validation error detected: Value '${body.slice(0, 100)}…' at 'templateBody' failed to satisfy constraint: Member must have length less than or equal to ${largestBody}`,
  );
}

/** The template's text: given in the request, read from S3 as the caller, or the one in use. */
export async function templateText(
  core: SandboxCore,
  call: Call,
  input: StackRequest,
  previous: string | undefined,
): Promise<string> {
  const { TemplateBody: body, TemplateURL: url } = input;
  if (input.UsePreviousTemplate === true && previous !== undefined) return previous;
  if (body !== undefined && url === undefined) return sized(body);
  if (url === undefined || body !== undefined) {
    throw validationError('Either Template URL or Template Body must be specified.');
  }
  const answer = await core.invoke<GetObjectCommandOutput>({
    service: 's3',
    operation: 'GetObject',
    region: call.region,
    input: bucketAndKey(url),
    principal: call.principal,
  });
  const text = await readBody(answer.Body);
  if (Buffer.byteLength(text) <= largestTemplate) return text;
  throw validationError(`Template may not exceed ${largestTemplate} bytes in size.`);
}

async function readBody(body: unknown): Promise<string> {
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
  return readText(body as AsyncIterable<Uint8Array> as NodeJS.ReadableStream);
}

export const tagsOf = (tags: readonly Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']));

/** IAM resources need the caller's acknowledgement; with names of their own, a stronger one. */
export function checkCapabilities(template: Template, capabilities: readonly string[]): void {
  const iam = Object.values(template.resources).filter(({ type }) => type.startsWith('AWS::IAM::'));
  if (iam.length === 0 || capabilities.includes('CAPABILITY_NAMED_IAM')) return;
  const named = iam.some(({ properties }) => namingProperties.some((name) => properties[name] !== undefined));
  if (!named && capabilities.includes('CAPABILITY_IAM')) return;
  const needed = named ? 'CAPABILITY_NAMED_IAM' : 'CAPABILITY_IAM';
  throw new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${needed}]`);
}

const namingProperties = ['RoleName', 'ManagedPolicyName', 'InstanceProfileName', 'UserName', 'GroupName'];

/** What IAM is asked: the operation on the stack, and passing a role when one is given. */
export function askOnStack(core: SandboxCore, operation: string): (input: StackRequest, call: Call) => readonly Ask[] {
  return (input, call) => {
    const name = input.StackName ?? '*';
    const id = findStack(stackTables(core, call.region), name)?.id;
    const resource = id ?? `arn:aws:cloudformation:${call.region}:${call.account}:stack/${name}/*`;
    const ask: Ask = { action: `cloudformation:${operation}`, resource };
    const { RoleARN: role } = input;
    if (role === undefined) return [ask];
    const context = { 'iam:PassedToService': 'cloudformation.amazonaws.com' };
    return [ask, { action: 'iam:PassRole', resource: role, context }];
  };
}

/** One page of a list; the token is the place it starts at. */
export function page<T>(items: readonly T[], token: string | undefined, size = 100): { items: T[]; next?: string } {
  const start = token === undefined ? 0 : Number(token);
  if (!Number.isInteger(start) || start < 0) throw validationError(`NextToken ${token} is not valid`);
  const end = start + size;
  return { items: items.slice(start, end), ...(end < items.length ? { next: String(end) } : {}) };
}
