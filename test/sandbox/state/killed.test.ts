/** A sandbox killed at any moment under load: every write that was acknowledged is there when it is started again. */

import { Resolver } from 'node:dns/promises';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  paginateScan,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  waitUntilDBInstanceAvailable,
} from '@aws-sdk/client-rds';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { type Connection, createConnection } from 'mysql2/promise';
import { expect, onTestFinished, test } from 'vitest';
import { startProgram } from './program.ts';

interface Said {
  readonly endpoint: string;
  readonly dns: { readonly host: string; readonly port: number };
  readonly time: number;
}

const lives = 4;
const password = 'correct-horse';

test('every acknowledged write of DynamoDB, S3, SQS, SSM and RDS survives kills in the middle of it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'killed-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const state = join(folder, 'kept');
  const acknowledged = {
    item: new Set<string>(),
    object: new Set<string>(),
    message: new Set<string>(),
    parameter: new Set<string>(),
    row: new Set<string>(),
  };
  let time = 0;
  let made: { endpoint: string; queue: string } | undefined;

  for (let life = 0; life < lives; life++) {
    const program = await startProgram<Said>('./kept-sandbox.ts', [state]);
    expect(program.said.time).toBeGreaterThan(time);
    time = program.said.time;
    const aws = clients(program.said.endpoint);
    if (made === undefined) made = { endpoint: program.said.endpoint, queue: await prepare(aws) };
    // An environment file that was written in the first life is valid in all of them.
    expect(program.said.endpoint).toBe(made.endpoint);
    const sql = await connect(aws, program.said);
    if (life === 0) await sql.query('CREATE TABLE app.rows_kept (name VARCHAR(40) PRIMARY KEY)');
    await expectAll(aws, sql, made.queue, acknowledged);

    // The last life is only looked at.
    if (life === lives - 1) {
      sql.destroy();
      await program.kill('SIGTERM');
      break;
    }
    const { queue } = made;
    const writes: Record<keyof typeof acknowledged, (name: string) => Promise<unknown>> = {
      item: (name) => aws.dynamodb.send(new PutItemCommand({ TableName: 'items', Item: { id: { S: name } } })),
      object: (name) => aws.s3.send(new PutObjectCommand({ Bucket: 'photos', Key: name, Body: name })),
      message: (name) => aws.sqs.send(new SendMessageCommand({ QueueUrl: queue, MessageBody: name })),
      parameter: (name) =>
        aws.ssm.send(new PutParameterCommand({ Name: `/kept/${name}`, Value: name, Type: 'String' })),
      row: (name) => sql.query('INSERT INTO app.rows_kept VALUES (?)', [name]),
    };
    let count = 0;
    let over = false;
    const enough = new Promise<void>((resolve) => {
      const write = async (kind: keyof typeof acknowledged): Promise<void> => {
        for (let number = 0; !over; number++) {
          const name = `${kind}-${life}-${number}`;
          await writes[kind](name);
          acknowledged[kind].add(name);
          // An odd number, so that lives end at different points of the writes.
          if (++count === 151 + 37 * life) resolve();
        }
      };
      // What was asked for and not answered is the killer's to lose.
      for (const kind of Object.keys(acknowledged) as (keyof typeof acknowledged)[]) write(kind).catch(() => {});
    });
    await enough;
    await program.kill();
    over = true;
    sql.destroy();
  }
  const { item, object, parameter, row } = acknowledged;
  for (const names of [item, object, parameter, row]) expect(names.size).toBeGreaterThan(lives);
}, 120_000);

type Aws = ReturnType<typeof clients>;

function clients(endpoint: string) {
  const common = {
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  };
  return {
    dynamodb: new DynamoDBClient(common),
    rds: new RDSClient(common),
    s3: new S3Client({ ...common, forcePathStyle: true }),
    sqs: new SQSClient({ ...common, useQueueUrlAsEndpoint: false }),
    ssm: new SSMClient(common),
  };
}

async function prepare({ dynamodb, rds, s3, sqs }: Aws): Promise<string> {
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'items',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: 'photos' }));
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'jobs' }));
  await rds.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier: 'app',
      Engine: 'mysql',
      DBInstanceClass: 'db.t3.micro',
      AllocatedStorage: 20,
      DBName: 'app',
      MasterUsername: 'admin',
      MasterUserPassword: password,
    }),
  );
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 60, minDelay: 1 }, { TableName: 'items' });
  return QueueUrl;
}

async function connect({ rds }: Aws, { dns }: Said): Promise<Connection> {
  await waitUntilDBInstanceAvailable(
    { client: rds, maxWaitTime: 120, minDelay: 1, maxDelay: 1 },
    { DBInstanceIdentifier: 'app' },
  );
  const { DBInstances = [] } = await rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: 'app' }));
  const resolver = new Resolver();
  resolver.setServers([`${dns.host}:${dns.port}`]);
  const [host] = await resolver.resolve4(DBInstances[0]?.Endpoint?.Address ?? '');
  const connection = await createConnection({ host: host ?? '', port: 3306, user: 'admin', password });
  connection.on('error', () => {});
  return connection;
}

async function expectAll(
  { dynamodb, s3, sqs, ssm }: Aws,
  sql: Connection,
  queue: string,
  acknowledged: Record<'item' | 'object' | 'message' | 'parameter' | 'row', Set<string>>,
): Promise<void> {
  const missing = (wanted: ReadonlySet<string>, found: ReadonlySet<string>) =>
    [...wanted].filter((name) => !found.has(name));

  const items = new Set<string>();
  for await (const page of paginateScan({ client: dynamodb }, { TableName: 'items' })) {
    for (const { id } of page.Items ?? []) items.add(id?.S ?? '');
  }
  const objects = new Set<string>();
  for await (const page of paginateListObjectsV2({ client: s3 }, { Bucket: 'photos' })) {
    for (const { Key = '' } of page.Contents ?? []) objects.add(Key);
  }
  for (const key of acknowledged.object) {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'photos', Key: key }));
    expect(await Body?.transformToString()).toBe(key);
  }
  const messages = new Set<string>();
  for (;;) {
    const asked = new ReceiveMessageCommand({ QueueUrl: queue, MaxNumberOfMessages: 10, VisibilityTimeout: 43_200 });
    const { Messages = [] } = await sqs.send(asked);
    for (const { Body = '' } of Messages) messages.add(Body);
    if (Messages.length === 0) break;
  }
  const parameters = new Set<string>();
  for await (const page of paginateGetParametersByPath({ client: ssm }, { Path: '/kept' })) {
    for (const { Value = '' } of page.Parameters ?? []) parameters.add(Value);
  }
  // They are hidden for as long as this test lasts: what was seen once isn't asked for again.
  for (const name of acknowledged.message) if (messages.has(name)) acknowledged.message.delete(name);
  const [rows] = await sql.query('SELECT name FROM app.rows_kept');
  const found = { items, objects, parameters, rows: new Set((rows as { name: string }[]).map(({ name }) => name)) };
  expect({
    items: missing(acknowledged.item, found.items),
    objects: missing(acknowledged.object, found.objects),
    messages: [...acknowledged.message],
    parameters: missing(acknowledged.parameter, found.parameters),
    rows: missing(acknowledged.row, found.rows),
  }).toEqual({ items: [], objects: [], messages: [], parameters: [], rows: [] });
}
