/** Recovery control: the state table, the control functions, the rules that start them, both state machines, and the latch's alarm. */

import {
  aws_cloudwatch as cloudwatch,
  aws_dynamodb as dynamodb,
  aws_events as events,
  Fn,
  aws_lambda as lambda,
  RemovalPolicy,
  aws_stepfunctions as states,
} from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { FunctionName } from '../functions/contract.ts';
import { functionNames, functionSpecs } from '../functions/contract.ts';
import { specOf } from '../plan/catalogue.ts';
import { compile } from '../plan/compile.ts';
import type { PlanName } from '../plan/graph.ts';
import { plans } from '../plan/plans.ts';
import { acknowledge } from './acknowledged.ts';
import { alarm, functionFails } from './alarms.ts';
import { controlFunction } from './control-function.ts';
import { dashboard } from './dashboard.ts';
import { tellOfRuns } from './notices.ts';
import type { Place } from './place.ts';
import { isActive, roleArn, SideStack } from './place.ts';

/** Made in other rooms: `install` in the foundation, `sql` beside its database. */
const elsewhere: readonly FunctionName[] = ['install', 'sql'];

export class ControlStack extends SideStack {
  constructor(scope: Construct, place: Place) {
    super(scope, 'control', place, `Pilot Light: recovery control in the ${place.side} Region`);
    const { side, names } = place;
    const here = functionNames.filter(
      (name) => (functionSpecs[name].sides as readonly string[]).includes(side) && !elsewhere.includes(name),
    );
    const functions = new Map(here.map((name) => [name, controlFunction(this, name)]));
    this.#upkeepRules(functions);
    this.#upkeepAlarms();
    dashboard(this);
    if (side === 'primary') return;
    this.#table();
    this.#rule('Watch', `${names.controlFunction('watch')}`, { schedule: 'rate(1 minute)' }, functions.get('watch'));
    this.#rule('Fence', `${names.controlFunction('fence')}`, { schedule: 'rate(1 minute)' }, functions.get('fence'));
    for (const plan of ['failover', 'failback'] as const) this.#machine(plan);
    this.#latch();
    this.#controlAlarms();
    tellOfRuns(this);
  }

  #upkeepAlarms(): void {
    functionFails(this, 'images', 'Images are no longer made or copied: a failover would start from an old one.');
    functionFails(this, 'parameters', 'Parameters are no longer copied: a failover would start with old ones.');
  }

  #controlAlarms(): void {
    const { names, arns } = this.place;
    functionFails(this, 'fence', 'A fence that is owed is not paid: the old primary must not be given any traffic.');
    functionFails(this, 'watch', 'The watcher fails: nothing would be noticed, and nothing failed over by itself.');
    alarm(this, 'WatcherSilent', {
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
    for (const plan of ['failover', 'failback'] as const) {
      alarm(this, plan === 'failover' ? 'FailoverFailed' : 'FailbackFailed', {
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
  #upkeepRules(functions: ReadonlyMap<FunctionName, lambda.CfnFunction>): void {
    const { names } = this.place;
    const state = Fn.conditionIf(isActive(this).logicalId, 'ENABLED', 'DISABLED').toString();
    this.#rule('Images', names.imageRule, { schedule: 'rate(2 minutes)', state }, functions.get('images'));
    this.#rule('Reconcile', names.reconcileRule, { schedule: 'rate(15 minutes)', state }, functions.get('parameters'));
    this.#rule(
      'Parameters',
      names.parameterRule,
      {
        state,
        pattern: {
          source: ['aws.ssm'],
          'detail-type': ['Parameter Store Change'],
          detail: { name: [{ prefix: names.parameterPath }], operation: ['Create', 'Update', 'Delete'] },
        },
      },
      functions.get('parameters'),
    );
  }

  #rule(
    id: string,
    name: string,
    when: { schedule?: string; pattern?: object; state?: string },
    target: lambda.CfnFunction | undefined,
  ): void {
    if (target === undefined) return;
    const rule = new events.CfnRule(this, `${id}Rule`, {
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
    new lambda.CfnPermission(this, `${id}Permission`, {
      action: 'lambda:InvokeFunction',
      functionName: target.ref,
      principal: 'events.amazonaws.com',
      sourceArn: rule.attrArn,
    });
  }

  #table(): void {
    const table = new dynamodb.CfnTable(this, 'State', {
      tableName: this.place.names.table,
      billingMode: 'PAY_PER_REQUEST',
      attributeDefinitions: [
        { attributeName: 'workload', attributeType: 'S' },
        { attributeName: 'item', attributeType: 'S' },
      ],
      keySchema: [
        { attributeName: 'workload', keyType: 'HASH' },
        { attributeName: 'item', keyType: 'RANGE' },
      ],
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      sseSpecification: { sseEnabled: true },
      deletionProtectionEnabled: true,
    });
    table.applyRemovalPolicy(RemovalPolicy.RETAIN);
  }

  #machine(plan: PlanName): void {
    const { names, arns } = this.place;
    const name = plan === 'failover' ? names.failoverMachine : names.failbackMachine;
    const definition = compile(plans[plan], (step) => arns.controlFunction('recovery', specOf(step).function));
    const id = plan === 'failover' ? 'Failover' : 'Failback';
    const machine = new states.CfnStateMachine(this, `${id}Machine`, {
      stateMachineName: name,
      stateMachineType: 'STANDARD',
      roleArn: roleArn(this.place, `${names.failoverMachine}-machine`),
      definitionString: JSON.stringify(definition),
    });
    acknowledge(machine, 'SF1', 'SF2');
    new events.CfnRule(this, `${id}Requested`, {
      name: `${name}-requested`,
      description: `Starts ${name} for an event of source pilot-light`,
      eventPattern: { source: ['pilot-light'], 'detail-type': [`${id} Requested`] },
      state: 'ENABLED',
      targets: [
        { id: 'machine', arn: machine.attrArn, roleArn: roleArn(this.place, `${names.failoverMachine}-events`) },
      ],
    });
  }

  /** Alarm while the recovery Region is the active one; without data the state stays what it was. */
  #latch(): void {
    const { names } = this.place;
    new cloudwatch.CfnAlarm(this, 'LatchAlarm', {
      alarmName: names.latchAlarm,
      alarmDescription: 'The recovery Region is the active one: the public name answers with it',
      namespace: names.latchMetric.namespace,
      metricName: names.latchMetric.name,
      dimensions: [{ name: 'Workload', value: names.latchMetric.dimension }],
      statistic: 'Maximum',
      period: 60,
      evaluationPeriods: 1,
      threshold: 1,
      comparisonOperator: 'GreaterThanOrEqualToThreshold',
      treatMissingData: 'ignore',
    });
  }
}
