/** A function's configuration: what may be asked for, how it is kept, and how it is shown. */

import type {
  CreateFunctionCommandInput,
  FunctionConfiguration,
  UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import { constraintsOf } from '../../../facts/constraints.ts';
import { isoTime } from '../../../kernel/clock.ts';
import type { Call, Principal, SandboxCore } from '../../contract.ts';
import { AwsError, codeOf } from '../../contract.ts';
import { reservedNames } from '../../functions/host-environment.ts';
import { refuseMembers, unsupported } from '../events/refuse.ts';
import { assumeRole } from '../events/role-session.ts';
import { checkInterfaceAccess } from './execution-role.ts';
import { type FunctionRow, invalid, latest, type Vpc } from './rows.ts';

type Configured = CreateFunctionCommandInput | UpdateFunctionConfigurationCommandInput;
type Settings = Pick<
  FunctionRow,
  | 'description'
  | 'runtime'
  | 'role'
  | 'handler'
  | 'timeout'
  | 'memory'
  | 'environment'
  | 'vpc'
  | 'deadLetterArn'
  | 'ephemeralStorage'
  | 'tracing'
  | 'kmsKeyArn'
  | 'logGroup'
>;

const runtimes = ['nodejs20.x', 'nodejs22.x', 'nodejs24.x'] as const;

const refused = [
  'Layers',
  'FileSystemConfigs',
  'CodeSigningConfigArn',
  'ImageConfig',
  'TenancyConfig',
  'CapacityProviderConfig',
  'DurableConfig',
  'PublishTo',
];

/** The settings after a request: what it names over what was. Throws for what AWS or the sandbox doesn't take. */
export async function settingsOf(
  core: SandboxCore,
  call: Call,
  input: Configured,
  before: FunctionRow | undefined,
): Promise<Settings> {
  refuseMembers('Lambda configuration', input, refused);
  if (input.SnapStart?.ApplyOn === 'PublishedVersions') throw unsupported('SnapStart');
  if (input.LoggingConfig?.LogFormat === 'JSON') throw unsupported('LoggingConfig with LogFormat JSON');
  checkEnvironment(input.Environment?.Variables);
  const role = input.Role ?? before?.role ?? '';
  const isAsked = role !== before?.role || (input.VpcConfig?.SubnetIds ?? []).length > 0;
  const session = isAsked ? await checkRole(core, call, role) : undefined;
  const vpc = input.VpcConfig === undefined ? before?.vpc : await vpcOf(core, call, input.VpcConfig);
  if (vpc !== undefined && session !== undefined) {
    checkInterfaceAccess(core, { region: call.region, principal: session }, vpc);
  }
  const settings: Settings = {
    description: input.Description ?? before?.description ?? '',
    runtime: playableRuntime(input.Runtime ?? before?.runtime),
    role,
    handler: input.Handler ?? before?.handler ?? '',
    timeout: input.Timeout ?? before?.timeout ?? 3,
    memory: input.MemorySize ?? before?.memory ?? 128,
    environment: input.Environment === undefined ? before?.environment : input.Environment.Variables,
    vpc,
    deadLetterArn:
      input.DeadLetterConfig === undefined ? before?.deadLetterArn : input.DeadLetterConfig.TargetArn || undefined,
    ephemeralStorage: input.EphemeralStorage?.Size ?? before?.ephemeralStorage ?? 512,
    tracing: input.TracingConfig?.Mode ?? before?.tracing ?? 'PassThrough',
    kmsKeyArn: input.KMSKeyArn ?? before?.kmsKeyArn,
    logGroup:
      input.LoggingConfig?.LogGroup ?? before?.logGroup ?? `/aws/lambda/${input.FunctionName?.split(':').at(-1) ?? ''}`,
  };
  if (settings.timeout < 1 || settings.timeout > 900) {
    const bound = settings.timeout < 1 ? 'greater than or equal to 1' : 'less than or equal to 900';
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${settings.timeout}' at 'timeout' failed to satisfy constraint: Member must have value ${bound}`,
    );
  }
  if (settings.handler === '') throw invalid('A handler is required for functions in a ZIP archive.');
  return settings;
}

/** A function or a version as the API shows it. */
export function configurationShape(row: FunctionRow): FunctionConfiguration {
  const suffix = row.version === latest ? '' : `:${row.version}`;
  return {
    FunctionName: row.name,
    FunctionArn: row.arn + suffix,
    Runtime: row.runtime,
    Role: row.role,
    Handler: row.handler,
    CodeSize: row.code.size,
    Description: row.description,
    Timeout: row.timeout,
    MemorySize: row.memory,
    LastModified: isoTime(row.modified).replace('Z', '+0000'),
    CodeSha256: row.code.sha256,
    Version: row.version,
    VpcConfig:
      row.vpc === undefined
        ? undefined
        : { VpcId: row.vpc.vpcId, SubnetIds: [...row.vpc.subnetIds], SecurityGroupIds: [...row.vpc.securityGroupIds] },
    DeadLetterConfig: row.deadLetterArn === undefined ? undefined : { TargetArn: row.deadLetterArn },
    Environment: row.environment === undefined ? undefined : { Variables: { ...row.environment } },
    KMSKeyArn: row.kmsKeyArn,
    TracingConfig: { Mode: row.tracing },
    RevisionId: row.revision,
    State: row.state,
    ...(row.state === 'Pending'
      ? { StateReason: 'The function is being created.', StateReasonCode: 'Creating' as const }
      : {}),
    LastUpdateStatus: row.updateStatus,
    PackageType: 'Zip',
    Architectures: row.architectures,
    EphemeralStorage: { Size: row.ephemeralStorage },
    SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
    LoggingConfig: { LogFormat: 'Text', LogGroup: row.logGroup },
  };
}

/** Lambda's own words for a runtime it doesn't know, as CloudFormation reports them of `nodejs12.xa`. */
function playableRuntime(runtime: string | undefined): (typeof runtimes)[number] {
  const known = runtimes.find((name) => name === runtime);
  if (known !== undefined) return known;
  const values = constraintsOf('lambda').shapes.Runtime?.values ?? [];
  if (runtime !== undefined && !values.includes(runtime)) {
    throw invalid(
      `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${values.join(', ')}] or be a valid ARN`,
    );
  }
  throw invalid(`This sandbox can't run ${runtime ?? 'functions without a runtime'}. It runs ${runtimes.join(', ')}.`);
}

function checkEnvironment(variables: Record<string, string> | undefined): void {
  const taken = Object.keys(variables ?? {}).filter((name) => reservedNames.has(name));
  if (taken.length > 0) {
    throw invalid(
      'Lambda was unable to configure your environment variables because the environment variables you have provided contains ' +
        `reserved keys that are currently not supported for modification. Reserved keys used in this request: ${taken.join(', ')}`,
    );
  }
  if (Buffer.byteLength(JSON.stringify(variables ?? {})) > 4096) {
    throw invalid('Environment variables size must be at most 4 KB.');
  }
}

/** Answers the role's session. */
async function checkRole(core: SandboxCore, call: Call, roleArn: string): Promise<Principal> {
  if (!/^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/.test(roleArn)) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value '${roleArn}' at 'role' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+`,
    );
  }
  try {
    const request = { service: 'lambda', region: call.region, roleArn, sessionName: 'lambda-role-check' };
    return (await assumeRole(core, request)).principal;
  } catch (error) {
    if (codeOf(error) === 'UnsupportedOperation') throw error;
    throw invalid('The role defined for the function cannot be assumed by Lambda.');
  }
}

/** Undefined when the configuration takes the function out of its VPC. */
async function vpcOf(
  core: SandboxCore,
  call: Call,
  { SubnetIds = [], SecurityGroupIds = [], ...more }: NonNullable<Configured['VpcConfig']>,
): Promise<Vpc | undefined> {
  refuseMembers('VpcConfig', more, ['Ipv6AllowedForDualStack']);
  if (SubnetIds.length === 0) return undefined;
  const { Subnets = [] } = await core.invoke<{ Subnets?: { VpcId?: string }[] }>({
    service: 'ec2',
    operation: 'DescribeSubnets',
    region: call.region,
    input: { SubnetIds },
    principal: core.as('lambda'),
  });
  const vpcIds = new Set(Subnets.map(({ VpcId }) => VpcId));
  const [vpcId] = vpcIds;
  if (vpcIds.size !== 1 || vpcId === undefined) throw invalid('All subnets of a function must be in one VPC.');
  return { vpcId, subnetIds: SubnetIds, securityGroupIds: SecurityGroupIds };
}
