/** AWS on this machine: every service, behind the wire, with IAM enforced. */

import type { DurationName, TimingMode } from '../facts/timing.ts';
import { clientTrust } from './certificates/authority.ts';
import { outside, type SandboxCore, type ServiceFactory } from './contract.ts';
import { type Control, openControl } from './control/control.ts';
import { startGateway } from './gateway/server.ts';
import { createAuthorizer, type IamAuthorizer } from './iam/authorizer.ts';
import { type RunningSandbox, type SandboxOptions, startSandbox } from './sandbox.ts';
import type { SeedCertificate } from './services/acm/seed-certificates.ts';
import { createAcmService } from './services/acm/service.ts';
import { createAutoScalingService } from './services/autoscaling/service.ts';
import { createCloudFormationService } from './services/cloudformation/operations.ts';
import { createDynamoDbService } from './services/dynamodb/service.ts';
import { apiPassage } from './services/ec2/api-passage.ts';
import { lets } from './services/ec2/refused-packets.ts';
import type { SeedImage } from './services/ec2/seed-images.ts';
import type { SeedNetwork } from './services/ec2/seed-networks.ts';
import { createEc2Service } from './services/ec2/service.ts';
import { createElasticLoadBalancingService } from './services/elasticloadbalancing/service.ts';
import { createEventsService } from './services/events/operations.ts';
import { createGlobalAcceleratorService } from './services/globalaccelerator/service.ts';
import { administratorCredentials } from './services/iam/administrator.ts';
import { credentials } from './services/iam/credentials.ts';
import { createIamService } from './services/iam/service.ts';
import { createKmsService } from './services/kms/service.ts';
import { createLambdaService } from './services/lambda/operations.ts';
import { createLogsService } from './services/logs/operations.ts';
import { createMonitoringService } from './services/monitoring/operations.ts';
import { createRdsService } from './services/rds/service.ts';
import { createRoute53Service } from './services/route53/operations.ts';
import type { SeedZone } from './services/route53/seed-zones.ts';
import { createS3Service } from './services/s3/service.ts';
import { createSchedulerService } from './services/scheduler/operations.ts';
import { createSecretsManagerService } from './services/secretsmanager/service.ts';
import { createSnsService } from './services/sns/operations.ts';
import { createSqsService } from './services/sqs/service.ts';
import { createSsmService } from './services/ssm/service.ts';
import { createStatesService } from './services/states/service.ts';
import { createStsService } from './services/sts/service.ts';

export interface AwsOptions {
  readonly regions: readonly string[];
  readonly account: string;
  readonly speed: number | 'max';
  readonly timing?: TimingMode;
  /** See `SandboxOptions`. */
  readonly slow?: readonly DurationName[];
  readonly seed?: number;
  readonly directory?: string;
  /** Where everything is kept: see `SandboxOptions`. */
  readonly state?: string;
  /** See `SandboxOptions`. */
  readonly look?: boolean;
  /** What it was started for, as its status tells it. */
  readonly purpose?: string;
  /** What image ids hold: see `SeedImage`. */
  readonly images: Readonly<Record<string, SeedImage>>;
  /** The certificates the account has already, by ARN: see `SeedCertificate`. */
  readonly certificates?: Readonly<Record<string, SeedCertificate>>;
  /** The hosted zones it has already, by id: see `SeedZone`. */
  readonly zones?: Readonly<Record<string, SeedZone>>;
  /** Networks the account has already: see `SeedNetwork`. */
  readonly networks?: readonly SeedNetwork[];
  readonly signals?: boolean;
  /** See `RdsOptions`: a question only AWS can answer, so that both answers can be rehearsed. */
  readonly stoppedReplicationSurvives?: boolean;
  readonly onLog?: SandboxOptions['onLog'];
  /** See `SandboxOptions`. */
  readonly limits?: 'on' | 'off';
}

export interface RunningAws extends RunningSandbox {
  /** The endpoint for clients outside the Regions. */
  readonly endpoint: string;
  readonly administrator: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly iam: IamAuthorizer;
  /** What a client needs in its environment to trust the sandbox's certificates. */
  readonly trust: Readonly<Record<string, string>>;
  /** How other processes of this user reach it. */
  readonly control: Control;
}

export async function startAws(options: AwsOptions): Promise<RunningAws> {
  const { onLog, ...rest } = options;
  let iam: IamAuthorizer | undefined;
  const sandbox = await startSandbox({
    ...rest,
    ...(onLog === undefined ? {} : { onLog }),
    timing: options.timing ?? 'p50',
    factories: serviceFactories(options.images, options),
    gateway: (surroundings) => {
      // Before anything of an earlier life is taken up again: its calls are judged too.
      iam = createAuthorizer(surroundings.core);
      surroundings.dispatcher.authorizer = iam.authorizer;
      return startGateway(surroundings, {
        credentials: (key, token) => credentials(surroundings.core, key, token),
        passage: apiPassage(surroundings.core),
      });
    },
  });
  if (iam === undefined) throw new Error('The gateway was not started.');
  const { accessKeyId, secretAccessKey } = administratorCredentials(sandbox.core);
  const endpoint = sandbox.core.endpoint(outside);
  const stopSandbox = sandbox.stop.bind(sandbox);
  try {
    const control = await openControl(Object.assign(sandbox, { iam }), {
      purpose: options.purpose ?? 'a program of its own',
      stage: 'up',
      endpoint,
      environment: {},
      ...(options.state === undefined ? {} : { state: options.state }),
    });
    return Object.assign(sandbox, {
      endpoint,
      administrator: { accessKeyId, secretAccessKey },
      iam,
      trust: clientTrust(sandbox.core),
      control,
      async stop() {
        await control.close();
        await stopSandbox();
      },
    });
  } catch (error) {
    await stopSandbox();
    throw error;
  }
}

/** In the order in which they come back when a Region does: what others need first. */
export const serviceFactories = (
  images: AwsOptions['images'],
  {
    stoppedReplicationSurvives = false,
    look = false,
    certificates = {},
    zones = {},
    networks = [],
  }: Pick<AwsOptions, 'stoppedReplicationSurvives' | 'look' | 'certificates' | 'zones' | 'networks'> = {},
): ServiceFactory[] => [
  createIamService,
  createStsService,
  createKmsService,
  createSecretsManagerService,
  createLogsService,
  createMonitoringService,
  createEventsService,
  createSchedulerService,
  createSnsService,
  createSqsService,
  createSsmService,
  createDynamoDbService,
  createS3Service,
  (core: SandboxCore) =>
    createRdsService(core, {
      stoppedReplicationSurvives,
      // Whoever looks at what is kept stands outside of every VPC.
      admits: ({ id, region, securityGroups, port }, fromAddress) =>
        look || lets(core, region, { fromAddress, toSecurityGroups: securityGroups, port }, `database ${id}`),
    }),
  (core: SandboxCore) => createEc2Service(core, { images, networks }),
  (core: SandboxCore) => createAcmService(core, { certificates }),
  (core: SandboxCore) => createElasticLoadBalancingService(core),
  createAutoScalingService,
  (core: SandboxCore) => createLambdaService(core),
  createStatesService,
  (core: SandboxCore) => createRoute53Service(core, { zones }),
  createGlobalAcceleratorService,
  createCloudFormationService,
];
