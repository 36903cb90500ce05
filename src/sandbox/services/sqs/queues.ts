/** SQS's state: queues of a Region, their messages, and the names and URLs they are known by. */

import type { Call, SandboxCore, Table } from '../../contract.ts';
import { AwsError } from '../../contract.ts';
import type { MessageRecord, QueueRecord } from './records.ts';

export class Queues {
  readonly core: SandboxCore;

  constructor(core: SandboxCore) {
    this.core = core;
  }

  table(region: string): Table<QueueRecord> {
    return this.core.table('sqs', region, 'queues');
  }

  /** When a queue of a name was deleted: the name is taken for a while longer. */
  graves(region: string): Table<number> {
    return this.core.table('sqs', region, 'deleted');
  }

  /** In the order they were sent. */
  messages({ region, name }: Pick<QueueRecord, 'region' | 'name'>): Table<MessageRecord> {
    return this.core.table('sqs', region, `messages/${name}`);
  }

  now(region: string): number {
    return this.core.region(region).clock.now();
  }

  arn(region: string, name: string): string {
    return `arn:aws:sqs:${region}:${this.core.account}:${name}`;
  }

  /** At the caller's own endpoint: clients send to the URL's host, whatever endpoint they were given. */
  url({ from }: Pick<Call, 'from'>, name: string): string {
    return `${this.core.endpoint(from)}/${this.core.account}/${name}`;
  }

  /** The queue a URL names: by its last two parts, so that it may point at any endpoint of the Region. */
  byUrl(region: string, url: string | undefined): QueueRecord {
    const queue = this.table(region).get(nameOf(url));
    const owner = url?.split('/').at(-2);
    const host = /^https?:\/\/sqs\.([a-z0-9-]+)\.amazonaws\.com/.exec(url ?? '')?.[1];
    if (host !== undefined && host !== region) {
      throw new AwsError('InvalidAddress', `The address ${url} is not valid for this endpoint.`, { status: 404 });
    }
    if (queue === undefined || owner !== this.core.account) throw noSuchQueue();
    return queue;
  }

  byArn(arn: string): QueueRecord | undefined {
    const [, , service, region = '', account, name = ''] = arn.split(':');
    if (service !== 'sqs' || account !== this.core.account) return undefined;
    return this.table(region).get(name);
  }
}

export const nameOf = (url: string | undefined): string => url?.split('/').at(-1) ?? '';

export const noSuchQueue = (): AwsError => new AwsError('QueueDoesNotExist', 'The specified queue does not exist.');
