/** Who is told: a topic in each Region for its alarms and, in the recovery Region, for what becomes of runs. */

import { aws_lambda as lambda, aws_sns as sns } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Side } from '../../workload/judged.ts';
import { controlFunction } from '../control-function.ts';
import { noticeTopic } from '../notices.ts';
import type { Home, PartProps } from '../part.ts';
import { Part } from '../part.ts';
import { bothSides } from '../place.ts';
import type { Roles } from './roles.ts';

export interface NoticesProps extends PartProps {
  /** ARNs of the keys the topics are under: alarms can't use the one SNS keeps. `DataKeys` gives them. */
  readonly keyArns: Readonly<Record<Side, string>>;
  /** The roles, which functions know by name alone. */
  readonly roles: Roles;
}

export class Notices extends Part {
  /** ARNs of the topics. */
  readonly topicArns: Readonly<Record<Side, string>>;

  constructor(scope: Construct, id: string, props: NoticesProps) {
    super(scope, id, props);
    this.needs(props.roles.home);
    this.topicArns = bothSides((side) => topicIn(this.homeOn(side), props.keyArns[side]));
  }
}

function topicIn(home: Home, keyArn: string): string {
  const topic = noticeTopic(home, keyArn);
  if (home.place.workload.notifications.webhooks.length === 0) return topic.ref;
  const tell = controlFunction(home, 'tell');
  new sns.CfnSubscription(home, 'Webhooks', { topicArn: topic.ref, protocol: 'lambda', endpoint: tell.attrArn });
  new lambda.CfnPermission(home, 'WebhooksPermission', {
    action: 'lambda:InvokeFunction',
    functionName: tell.ref,
    principal: 'sns.amazonaws.com',
    sourceArn: topic.ref,
  });
  return topic.ref;
}
