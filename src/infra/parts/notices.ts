/** Who is told: a topic in each Region for its alarms and, in the recovery Region, for what becomes of runs. */

import type { Construct } from 'constructs';
import type { Side } from '../../workload/config.ts';
import { noticeTopic } from '../notices.ts';
import type { PartProps } from '../part.ts';
import { Part } from '../part.ts';
import { bothSides } from '../place.ts';

export interface NoticesProps extends PartProps {
  /** ARNs of the keys the topics are under: alarms can't use the one SNS keeps. `DataKeys` gives them. */
  readonly keyArns: Readonly<Record<Side, string>>;
}

export class Notices extends Part {
  /** ARNs of the topics. */
  readonly topicArns: Readonly<Record<Side, string>>;

  constructor(scope: Construct, id: string, props: NoticesProps) {
    super(scope, id, props);
    this.topicArns = bothSides((side) => noticeTopic(this.homeOn(side), props.keyArns[side]).ref);
  }
}
