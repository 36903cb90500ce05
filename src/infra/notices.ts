/** The topic of a side, and what is told on it beside its alarms. */

import { aws_events as events, aws_sns as sns } from 'aws-cdk-lib';
import { planNames } from '../plan/graph.ts';
import type { Home } from './part.ts';
import { idOf } from './part.ts';
import { tlsOnly } from './tls-only.ts';

/** The services that tell. */
const tellers = ['cloudwatch.amazonaws.com', 'events.amazonaws.com'];

/** The topic, under the Region's own key: alarms can't use the one SNS keeps. */
export function noticeTopic(home: Home, keyArn: string): sns.CfnTopic {
  const { workload, names } = home.place;
  const topic = new sns.CfnTopic(home, 'Resource', { topicName: names.topic, kmsMasterKeyId: keyArn });
  new sns.CfnTopicPolicy(home, 'Policy', {
    topics: [topic.ref],
    policyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'AlarmsAndRulesTell',
          Effect: 'Allow',
          Principal: { Service: tellers },
          Action: 'sns:Publish',
          Resource: topic.ref,
          Condition: { StringEquals: { 'aws:SourceAccount': workload.account } },
        },
        tlsOnly('sns:Publish', topic.ref),
      ],
    },
  });
  for (const [index, endpoint] of workload.notifications.email.entries()) {
    new sns.CfnSubscription(home, `Email${index + 1}`, { topicArn: topic.ref, protocol: 'email', endpoint });
  }
  return topic;
}

/** What the key's policy says for them. Source: SNS Developer Guide, "Configuring KMS permissions". */
export const tellersMayUseKey = (account: string) => ({
  Sid: 'AlarmsAndRulesTell',
  Effect: 'Allow',
  Principal: { Service: tellers },
  Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
  Resource: '*',
  Condition: { StringEquals: { 'aws:SourceAccount': account } },
});

/** A sentence for each run that starts and ends, however it was started. A rule for each machine: an event knows it by its ARN alone. */
export function tellOfRuns(home: Home): void {
  const { names, arns } = home.place;
  for (const plan of planNames) {
    const machine = names.machine(plan);
    new events.CfnRule(home, plan === 'failover' ? 'RunsRule' : `${idOf(plan)}RunsRule`, {
      name: `${machine}-runs`,
      description: `Tells of every run of ${machine}: started, succeeded, failed, timed out, aborted`,
      eventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [arns.machine(plan)] },
      },
      state: 'ENABLED',
      targets: [
        {
          id: 'topic',
          arn: arns.topic('recovery'),
          inputTransformer: {
            inputPathsMap: { run: '$.detail.name', status: '$.detail.status', at: '$.time' },
            inputTemplate: `"${names.prefix}: run <run> of ${machine} is <status> (<at>)."`,
          },
        },
      ],
    });
  }
}
