/** How much of its rate a sandbox keeps that writes everything down (`sandbox up --state`). */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { bareSandbox } from './bare-sandbox.ts';
import { rate } from './client.ts';
import type { Benchmark, Figures } from './figures.ts';
import { median, rounded } from './figures.ts';

const rounds = 10;
const calls = 150;
const inFlight = 8;
const TableName = 'bench';

export const kept: Benchmark = {
  name: 'kept',
  does: 'how fast a sandbox with a state directory is, beside one without',
  async run(say): Promise<Figures> {
    const folder = mkdtempSync(join(tmpdir(), 'pilot-light-bench-'));
    const [without, withState] = await Promise.all([bareSandbox(), bareSandbox(join(folder, 'state'))]);
    const clients = [new DynamoDBClient(without.config), new DynamoDBClient(withState.config)] as const;
    try {
      const [plain, keeping] = await Promise.all([writer(clients[0]), writer(clients[1])]);
      for (const write of [plain, keeping]) await rate(2 * calls, inFlight, write);
      const measured = [];
      for (let round = 0; round < rounds; round++) {
        say(`${round + 1} of ${rounds}`);
        // In turns, so that a busy moment of the machine falls on both.
        const first = await rate(calls, inFlight, round % 2 === 0 ? plain : keeping);
        const second = await rate(calls, inFlight, round % 2 === 0 ? keeping : plain);
        const [bare, state] = round % 2 === 0 ? [first, second] : [second, first];
        measured.push({ bare, state, share: state / bare });
      }
      const share = rounded(100 * median(measured.map((one) => one.share)), 0);
      const perSecond = {
        bare: Math.round(median(measured.map(({ bare }) => bare))),
        state: Math.round(median(measured.map(({ state }) => state))),
      };
      return {
        title: `DynamoDB PutItem with ${inFlight} in flight, with and without --state`,
        tables: [
          {
            columns: ['', 'a second'],
            rows: [
              ['without', perSecond.bare],
              ['with --state', perSecond.state],
            ],
          },
        ],
        goals: [{ what: 'share of the rate without it', measured: share, atLeast: 85, unit: '%' }],
        notes: [`Medians of ${rounds} turns of ${calls} calls; the share is the median of the turns' own.`],
        data: { perSecond, share },
      };
    } finally {
      for (const client of clients) client.destroy();
      await Promise.all([without.stop(), withState.stop()]);
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** A call that puts one of fifty items, into a table of its own. */
async function writer(client: DynamoDBClient): Promise<(number: number) => Promise<unknown>> {
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'item', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'item', KeyType: 'HASH' }],
    }),
  );
  const put = (number: number) =>
    client.send(
      new PutItemCommand({ TableName, Item: { item: { S: `item-${number % 50}` }, value: { S: 'x'.repeat(200) } } }),
    );
  // A table takes its time to be made, at speed 1.
  for (;;) {
    try {
      await put(0);
      return put;
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'ResourceNotFoundException') throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}
