/**
 * Recovery control: the state table, the control functions, the rules that start them, both state machines. All of it stands in the
 * recovery Region but the twins of upkeep, which both Regions have and one at a time has on.
 */

import {
  aws_dynamodb as dynamodb,
  aws_events as events,
  Fn,
  aws_lambda as lambda,
  RemovalPolicy,
  aws_stepfunctions as states,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FunctionName } from '../../functions/contract.ts';
import { approveUrlVariable, functionsOf } from '../../functions/contract.ts';
import { specOf } from '../../plan/catalogue.ts';
import { compile } from '../../plan/compile.ts';
import type { PlanName } from '../../plan/graph.ts';
import { planNames } from '../../plan/graph.ts';
import { planOf } from '../../plan/plans.ts';
import { acknowledge } from '../acknowledged.ts';
import { alarm, functionFails } from '../alarms.ts';
import { controlFunction } from '../control-function.ts';
import { dashboard } from '../dashboard.ts';
import { tellOfRuns } from '../notices.ts';
import type { Home, PartProps } from '../part.ts';
import { idOf, isActive, Part } from '../part.ts';
import { roleArn } from '../place.ts';

/** Made elsewhere: `approve` with its address; `install` with the parameters, `sql` beside its database, `tell` beside its topic. */
const elsewhere: readonly FunctionName[] = ['approve', 'install', 'sql', 'tell'];

export class RecoveryControl extends Part {
  constructor(scope: Construct, id: string, props: PartProps) {
    super(scope, id, props);
    for (const side of ['recovery', 'primary'] as const) controlIn(this.homeOn(side));
    // Upkeep asks the authority.
    this.sideAfter('primary');
  }
}

function controlIn(home: Home): void {
  const { side, names, workload } = home.place;
  const here = functionsOf(workload, side).filter((name) => !elsewhere.includes(name));
  const approving = side === 'recovery' ? approvalDoor(home) : undefined;
  const environment = (name: FunctionName) =>
    name === 'watch' && approving !== undefined ? { environment: { [approveUrlVariable]: approving } } : {};
  const functions = new Map(here.map((name) => [name, controlFunction(home, name, environment(name))]));
  upkeepRules(home, functions);
  upkeepAlarms(home);
  dashboard(home);
  if (workload.witness !== undefined) guarding(home, functions);
  if (side === 'primary') {
    watcherAlarm(home);
    return;
  }
  stateTable(home);
  rule(home, 'Watch', names.controlFunction('watch'), { schedule: 'rate(1 minute)' }, functions.get('watch'));
  rule(home, 'Fence', names.controlFunction('fence'), { schedule: 'rate(1 minute)' }, functions.get('fence'));
  healthRule(home, functions.get('watch'));
  for (const plan of planNames) machine(home, plan);
  controlAlarms(home);
  tellOfRuns(home);
}

/**
 * Where a person decides by a link: public, for a person at three in the morning has a mail and no credentials; what it answers to is
 * signed. A public address takes both permissions, the second of which lets nobody invoke the function in another way. Source: Lambda
 * Developer Guide, "Control access to Lambda function URLs". Answers the address.
 */
function approvalDoor(home: Home): string {
  const approve = controlFunction(home, 'approve');
  const url = new lambda.CfnUrl(home, 'ApproveUrl', { targetFunctionArn: approve.attrArn, authType: 'NONE' });
  new lambda.CfnPermission(home, 'ApproveUrlPermission', {
    action: 'lambda:InvokeFunctionUrl',
    functionName: approve.ref,
    principal: '*',
    functionUrlAuthType: 'NONE',
  });
  new lambda.CfnPermission(home, 'ApproveInvokePermission', {
    action: 'lambda:InvokeFunction',
    functionName: approve.ref,
    principal: '*',
    invokedViaFunctionUrl: true,
  });
  return url.attrFunctionUrl;
}

/**
 * AWS Health tells a Region's events in that Region, and public ones in a backup Region too: us-west-2 for all others, us-east-1 for
 * us-west-2. So this rule hears of the primary where the recovery Region is its backup, and else what the primary's own bus is made to
 * forward here. They explain what is found and decide nothing. Source: AWS Health User Guide, "Creating EventBridge rules for AWS Region
 * coverage".
 */
function healthRule(home: Home, watch: lambda.CfnFunction | undefined): void {
  const { names, workload } = home.place;
  const pattern = { source: ['aws.health'], detail: { eventRegion: [workload.primary.region] } };
  rule(home, 'Health', names.controlFunction('health'), { pattern }, watch);
}

/** On both sides, and on all the time: which of them is to renew is for the state to say. */
function guarding(home: Home, functions: ReadonlyMap<FunctionName, lambda.CfnFunction>): void {
  const { names } = home.place;
  rule(home, 'Guard', names.controlFunction('guard'), { schedule: 'rate(1 minute)' }, functions.get('guard'));
  functionFails(home, 'guard', 'The lease is not renewed: the side that is active stops taking writes when it ends.');
}

function upkeepAlarms(home: Home): void {
  functionFails(home, 'images', 'Images are no longer made or copied: a failover would start from an old one.');
  functionFails(home, 'parameters', 'Parameters are no longer copied: a failover would start with old ones.');
}

/** It stands in the primary Region: a recovery Region that is down rings no alarm of its own. */
function watcherAlarm(home: Home): void {
  const { watchMetric } = home.place.names;
  alarm(home, 'RecoverySilent', {
    name: 'recovery-silent',
    says: 'Nothing was heard of the recovery Region for five minutes: it is down or cut off, and nothing could be failed over to it.',
    metric: {
      namespace: watchMetric.namespace,
      name: watchMetric.name,
      dimensions: { Workload: watchMetric.dimension },
      statistic: 'Sum',
    },
    when: 'below',
    threshold: 1,
    period: 60,
    periods: 5,
    silence: 'ill',
  });
}

function controlAlarms(home: Home): void {
  const { names, arns } = home.place;
  functionFails(home, 'fence', 'A fence that is owed is not paid: the old primary must not be given any traffic.');
  functionFails(home, 'watch', 'The watcher fails: nothing would be noticed, and nothing failed over by itself.');
  alarm(home, 'WatcherSilent', {
    name: 'watcher-silent',
    says: 'The watcher has not run for three minutes: nothing would be noticed, and nothing failed over by itself.',
    metric: {
      namespace: 'AWS/Lambda',
      name: 'Invocations',
      dimensions: { FunctionName: names.controlFunction('watch') },
      statistic: 'Sum',
    },
    when: 'below',
    threshold: 1,
    period: 60,
    periods: 3,
    silence: 'ill',
  });
  for (const plan of planNames) {
    alarm(home, `${idOf(plan)}Failed`, {
      name: `${plan}-failed`,
      says: `A ${plan} failed. Its execution says at which step; start it again, or finish it with pilot-light ${plan} --break-glass.`,
      metric: {
        namespace: 'AWS/States',
        name: 'ExecutionsFailed',
        dimensions: { StateMachineArn: arns.machine(plan) },
        statistic: 'Sum',
      },
      when: 'at least',
      threshold: 1,
      period: 60,
      periods: 1,
    });
  }
}

/** Both sides carry the twins; only the active side's are on. */
function upkeepRules(home: Home, functions: ReadonlyMap<FunctionName, lambda.CfnFunction>): void {
  const { names, workload } = home.place;
  const state = Fn.conditionIf(isActive(home).logicalId, 'ENABLED', 'DISABLED').toString();
  rule(home, 'Images', names.imageRule, { schedule: 'rate(2 minutes)', state }, functions.get('images'));
  rule(
    home,
    'Reconcile',
    names.reconcileRule,
    { schedule: `rate(${workload.parameters.reconcileMinutes} minutes)`, state },
    functions.get('parameters'),
  );
  rule(
    home,
    'Parameters',
    names.parameterRule,
    {
      state,
      pattern: {
        source: ['aws.ssm'],
        'detail-type': ['Parameter Store Change'],
        detail: { name: names.parameterPaths.map((prefix) => ({ prefix })), operation: ['Create', 'Update', 'Delete'] },
      },
    },
    functions.get('parameters'),
  );
}

function rule(
  home: Home,
  id: string,
  name: string,
  when: { schedule?: string; pattern?: object; state?: string },
  target: lambda.CfnFunction | undefined,
): void {
  if (target === undefined) return;
  const made = new events.CfnRule(home, `${id}Rule`, {
    name,
    ...(when.schedule === undefined ? {} : { scheduleExpression: when.schedule }),
    ...(when.pattern === undefined ? {} : { eventPattern: when.pattern }),
    state: when.state ?? 'ENABLED',
    targets: [
      {
        id: 'function',
        arn: target.attrArn,
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 300 },
      },
    ],
  });
  new lambda.CfnPermission(home, `${id}Permission`, {
    action: 'lambda:InvokeFunction',
    functionName: target.ref,
    principal: 'events.amazonaws.com',
    sourceArn: made.attrArn,
  });
}

const keys = {
  attributeDefinitions: [
    { attributeName: 'workload', attributeType: 'S' },
    { attributeName: 'item', attributeType: 'S' },
  ],
  keySchema: [
    { attributeName: 'workload', keyType: 'HASH' },
    { attributeName: 'item', keyType: 'RANGE' },
  ],
};

/** With a witness Region the state is one strongly consistent table of three Regions, and outlives any one of them. */
function stateTable(home: Home): void {
  const { names, workload } = home.place;
  const { primary, recovery, witness } = workload;
  const table =
    witness === undefined
      ? new dynamodb.CfnTable(home, 'State', {
          tableName: names.table,
          billingMode: 'PAY_PER_REQUEST',
          ...keys,
          pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
          sseSpecification: { sseEnabled: true },
          deletionProtectionEnabled: true,
        })
      : new dynamodb.CfnGlobalTable(home, 'State', {
          tableName: names.table,
          billingMode: 'PAY_PER_REQUEST',
          ...keys,
          multiRegionConsistency: 'STRONG',
          replicas: [recovery.region, primary.region].map((region) => ({
            region,
            pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
            deletionProtectionEnabled: true,
          })),
          globalTableWitnesses: [{ region: witness.region }],
          sseSpecification: { sseEnabled: true },
        });
  table.applyRemovalPolicy(RemovalPolicy.RETAIN);
}

function machine(home: Home, plan: PlanName): void {
  const { names, arns, workload } = home.place;
  const name = names.machine(plan);
  const definition = compile(planOf(workload, plan), (step) => arns.controlFunction('recovery', specOf(step).function));
  const id = idOf(plan);
  const made = new states.CfnStateMachine(home, `${id}Machine`, {
    stateMachineName: name,
    stateMachineType: 'STANDARD',
    roleArn: roleArn(home.place, `${names.machine('failover')}-machine`),
    definitionString: JSON.stringify(definition),
  });
  acknowledge(made, 'SF1', 'SF2');
  new events.CfnRule(home, `${id}Requested`, {
    name: `${name}-requested`,
    description: `Starts ${name} for an event of source pilot-light`,
    eventPattern: { source: ['pilot-light'], 'detail-type': [`${id} Requested`] },
    state: 'ENABLED',
    targets: [
      { id: 'machine', arn: made.attrArn, roleArn: roleArn(home.place, `${names.machine('failover')}-events`) },
    ],
  });
}
