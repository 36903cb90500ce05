/**
 * A workload brought up in a real sandbox, with what the tests of this folder do to it: deployments of several kinds, plans started and
 * waited for, and everything that must survive a deployment read in one go.
 */

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation';
import { DescribeRuleCommand } from '@aws-sdk/client-eventbridge';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { readAssembly } from '../../src/cli/deploy/assembly.ts';
import type { Deployment } from '../../src/cli/deploy/deploy-assembly.ts';
import { deployStacks } from '../../src/cli/deploy/deploy-assembly.ts';
import type { SandboxTarget } from '../../src/cli/sandbox-target.ts';
import { sandboxTarget } from '../../src/cli/sandbox-target.ts';
import type { Base } from '../../src/engines/base.ts';
import { baseContext } from '../../src/engines/base.ts';
import { isReplicating } from '../../src/engines/database/rds.ts';
import { PilotLight } from '../../src/infra/pilot-light.ts';
import { sleep } from '../../src/kernel/clock.ts';
import { systemIds } from '../../src/kernel/ids.ts';
import { readAuthority } from '../../src/state/authority.ts';
import { isOwed, readDebt } from '../../src/state/debts.ts';
import type { WorkloadConfig } from '../../src/workload/config.ts';
import type { Side } from '../../src/workload/judged.ts';
import { regionOf } from '../../src/workload/judged.ts';
import { arnsOf } from '../../src/workload/names.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

/** Small, and with everything that depends on the role: a group, a queue's mapping, rules, upkeep. */
const config: WorkloadConfig = {
  name: 'guests',
  environment: 'test',
  account: '111122223333',
  primary: { region: 'eu-west-1' },
  recovery: { region: 'eu-central-1' },
  policy: 'manual',
  // Nothing here is the watcher's to find; most of what a minute of AWS time costs would be its looks.
  watch: { intervalSeconds: 30 },
  compute: {
    web: {
      image: 'ami-0a0b0c0d0e0f00000',
      capacity: { min: 1, desired: 1, max: 2 },
      port: 9000,
      alivePath: '/up',
      readyPath: '/up?write',
      environment: { GREETING: 'hello' },
    },
  },
  database: { engine: 'mariadb', name: 'guests' },
  functions: { tally: { entry: 'survival/workload/tally.ts', queue: 'guests', schedule: 'rate(1 hour)' } },
  traffic: { zone: 'guests.example', name: 'guests.example' },
  sandbox: { images: { 'ami-0a0b0c0d0e0f00000': { entry: 'survival/workload/server.ts' } } },
};

const baseDirectory = join(import.meta.dirname, '..');

/** Stacks that hold what depends on the role, or what a fence or a failover touches. */
const rooms = ['foundation', 'database', 'service', 'control'];

export interface Variant {
  /** A harmless change of every resource that can carry a tag. */
  readonly tag?: string;
  /** In each room, a resource that comes last and fails. */
  readonly broken?: boolean;
}

/** What must be the same before and after whatever is deployed. */
export interface Standing {
  readonly database: {
    readonly resource: string | undefined;
    readonly class: string | undefined;
    readonly source: string | undefined;
    readonly groupReadOnly: string | undefined;
    readonly writable: boolean;
  };
  readonly group: object;
  readonly sources: readonly string[];
  readonly rules: Readonly<Record<string, string | undefined>>;
  readonly ingress: number;
  readonly role: string | undefined;
}

export class World implements AsyncDisposable {
  readonly workload = parseWorkload(config);
  readonly target: SandboxTarget;
  readonly base: Base;

  private constructor(target: SandboxTarget) {
    this.target = target;
    this.base = baseContext({
      workload: this.workload,
      clock: target.clock,
      ids: systemIds,
      clientsFor: (region) => target.clients(region),
    });
  }

  static async up(): Promise<World> {
    const target = await sandboxTarget({
      workload: parseWorkload(config),
      baseDirectory,
      speed: 'max',
      signals: false,
      seed: 1,
    });
    const world = new World(target);
    await world.deploy({});
    return world;
  }

  /** Synthesizes and deploys; one side only where the other is dark. */
  async deploy(variant: Variant, only?: Side): Promise<Deployment> {
    const stacks = await readAssembly(synthesize(variant), async () => this.workload.account);
    const chosen =
      only === undefined ? stacks : stacks.filter(({ region }) => region === regionOf(this.workload, only));
    return deployStacks(chosen, { clients: (region) => this.target.clients(region) });
  }

  /** Deploys what can't be created, stack by stack, each beside the others: answers what each said. */
  async deployBroken(variant: Variant, only?: Side): Promise<string[]> {
    const stacks = await readAssembly(synthesize({ ...variant, broken: true }), async () => this.workload.account);
    const broken = stacks.filter(({ region, stackName }) => {
      const here = only === undefined || region === regionOf(this.workload, only);
      return here && rooms.some((room) => stackName.includes(`-${room}-`));
    });
    const ends = await Promise.all(
      broken.map(async (stack) => {
        const deployed = deployStacks([stack], { clients: (region) => this.target.clients(region) });
        return deployed.then(
          () => `${stack.stackName}: deployed`,
          (error: Error) => `${stack.stackName}: ${/ended in (\w+)/.exec(error.message)?.[1] ?? error.message}`,
        );
      }),
    );
    return ends.sort();
  }

  /** Every stack by a drift-aware change set, as `aws cloudformation create-change-set --deployment-mode REVERT_DRIFT` has it. */
  async revertDrift(variant: Variant, only?: Side): Promise<void> {
    const stacks = await readAssembly(synthesize(variant), async () => this.workload.account);
    for (const { executionRole, region, stackName: StackName } of stacks) {
      if (only !== undefined && region !== regionOf(this.workload, only)) continue;
      const client = await this.target.clients(region).cloudFormation();
      const ChangeSetName = 'drift';
      const { Parameters = [], Tags } = (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0] ?? {};
      await client.send(
        new CreateChangeSetCommand({
          StackName,
          ChangeSetName,
          DeploymentMode: 'REVERT_DRIFT',
          UsePreviousTemplate: true,
          Parameters: Parameters.map(({ ParameterKey }) => ({ ParameterKey, UsePreviousValue: true })),
          Tags,
          Capabilities: ['CAPABILITY_NAMED_IAM'],
          RoleARN: executionRole,
        }),
      );
      const { Status } = await client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName }));
      if (Status === 'FAILED') {
        await client.send(new DeleteChangeSetCommand({ StackName, ChangeSetName }));
        continue;
      }
      await client.send(new ExecuteChangeSetCommand({ StackName, ChangeSetName }));
      await this.until(`${StackName} to be updated`, async () => {
        const { Stacks } = await client.send(new DescribeStacksCommand({ StackName }));
        return Stacks?.[0]?.StackStatus === 'UPDATE_COMPLETE';
      });
    }
  }

  async standing(side: Side): Promise<Standing> {
    const { names, on, workload } = this.base;
    const { clients, databaseGroup, group, ingress, parameters, rds, sources, sql } = on(side);
    const rules = [names.imageRule, names.parameterRule, names.reconcileRule, ...names.functionRules];
    const events = await clients.events();
    const [database, look] = await Promise.all([
      rds.describe(names.database),
      // A busy machine may make it late at a high speed.
      this.until('the database to answer', () => sql.ask({ ask: 'look' })),
    ]);
    return {
      database: {
        resource: database?.DbiResourceId,
        class: database?.DBInstanceClass,
        source: database?.ReadReplicaSourceDBInstanceIdentifier,
        groupReadOnly: await databaseGroup.readOnly(),
        writable: !look.readOnly,
      },
      group: await group('web').size(),
      sources: (
        await Promise.all(Object.keys(workload.functions).map((name) => sources.list(names.workloadFunction(name))))
      )
        .flat()
        .map(({ state }) => state),
      rules: Object.fromEntries(
        await Promise.all(
          rules.map(async (Name) => [Name, (await events.send(new DescribeRuleCommand({ Name }))).State] as const),
        ),
      ),
      ingress: (await ingress.read()).length,
      role: (await parameters.get(names.roleParameter))?.Value,
    };
  }

  async everything() {
    const [primary, recovery, authority] = await Promise.all([
      this.standing('primary'),
      this.standing('recovery'),
      this.authority(),
    ]);
    return { primary, recovery, authority };
  }

  async authority() {
    const { active, epoch, holder } = await readAuthority(this.base.store);
    return { active, epoch, holder };
  }

  /** Starts a plan as the seed says; answers its execution. */
  async start(plan: 'failover' | 'failback'): Promise<string> {
    const client = await this.base.on('recovery').clients.stepFunctions();
    const stateMachineArn = arnsOf(this.workload).machine(plan);
    const { executionArn = '' } = await client.send(new StartExecutionCommand({ stateMachineArn, name: plan }));
    return executionArn;
  }

  async ended(executionArn: string): Promise<string> {
    const client = await this.base.on('recovery').clients.stepFunctions();
    return this.until('the run to end', async () => {
      const { cause, status = '' } = await client.send(new DescribeExecutionCommand({ executionArn }));
      return status === 'RUNNING' ? undefined : status === 'SUCCEEDED' ? status : `${status}: ${cause}`;
    });
  }

  /** The pilot light is lit: the replica replicates, and the image's copy is pointed to. */
  async lit(): Promise<void> {
    const { names, on } = this.base;
    this.target.setSpeed(150);
    await this.until('the pilot light to be lit', async () => {
      const { parameters, rds } = on('recovery');
      const version = (await parameters.get(names.imageParameter('web')))?.Version ?? 0;
      return version > 1 && isReplicating(await rds.describe(names.database));
    });
    this.target.setSpeed(20);
  }

  /** The authority has changed hands; the run goes on. */
  committed(): Promise<boolean> {
    return this.until('the failover to be committed', async () => (await this.authority()).active === 'recovery');
  }

  /** The way home is under way: the database is being built anew. */
  reseeding(): Promise<boolean> {
    const { names, on } = this.base;
    return this.until('the reseeding', async () => {
      const database = await on('primary').rds.describe(names.database);
      return database?.ReadReplicaSourceDBInstanceIdentifier !== undefined;
    });
  }

  /** What a drift revert opens of a fence is closed again by upkeep, which looks each minute. */
  async fenceSettles(before: object): Promise<void> {
    if (!('primary' in before) || (before as { primary: Standing }).primary.role !== 'fenced') return;
    this.target.setSpeed(60);
    await this.until('the fence to be whole', async () => (await this.standing('primary')).ingress === 0);
  }

  fenced(): Promise<boolean> {
    return this.until('the fence to be paid', async () => {
      const debt = await readDebt(this.base.store, 'primary');
      return debt !== undefined && !isOwed(debt);
    });
  }

  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    const { clock } = this.target;
    const deadline = clock.now() + 6 * 3_600_000;
    for (;;) {
      const seen = await look().catch((error: unknown) => (clock.now() > deadline ? Promise.reject(error) : undefined));
      if (seen !== undefined && seen !== false) return seen;
      if (clock.now() > deadline) throw new Error(`Waited in vain for ${what}.`);
      await sleep(clock, Math.max(2000, 300 * this.target.speed()));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.target.stop();
  }
}

function synthesize({ broken = false, tag }: Variant): string {
  const outdir = join(mkdtempSync(join(tmpdir(), 'survival-')), 'cdk.out');
  const app = new App({ outdir, analyticsReporting: false });
  const tags = { team: tag ?? 'none' };
  new PilotLight(app, 'Guests', { config: { ...config, tags }, baseDirectory });
  if (broken) for (const stack of app.node.children) if (stack instanceof Stack) breakLast(stack);
  return app.synth().directory;
}

/** A parameter without a value AWS takes, made once all else is done: what was changed before it goes back. */
function breakLast(stack: Stack): void {
  const all = stack.node.findAll().filter((node): node is CfnResource => node instanceof CfnResource);
  const clash = new CfnResource(stack, 'Clash', {
    type: 'AWS::SSM::Parameter',
    properties: { Name: '/aws/reserved', Type: 'String', Value: 'no' },
  });
  for (const one of all) clash.addResourceDependency(one);
}
