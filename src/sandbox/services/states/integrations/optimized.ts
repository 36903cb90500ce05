/** Optimized integrations but Lambda's. Source: Step Functions Developer Guide, "Integrating optimized services". */

import { StatesError } from '../../../asl/errors.ts';
import { isObject, type Json, type JsonObject } from '../../../asl/json.ts';
import type { Pattern } from '../../../asl/resource.ts';
import type { ServiceName } from '../../../contract.ts';
import type { ExecutionRow } from '../rows.ts';
import type { Integration } from './catalogue.ts';
import { failureOf } from './failures.ts';
import { capitalised } from './java-names.ts';
import type { TaskCaller } from './perform.ts';
import { toInput, toOutput } from './sdk-shapes.ts';
import { shapesOf } from './shapes.ts';

interface Recipe {
  readonly service: ServiceName;
  readonly operation: string;
  readonly prefix: string;
  readonly java: string;
  readonly patterns: readonly Pattern[];
  /** Members whose JSON is sent as text. */
  readonly texts?: readonly string[];
  prepare?(given: JsonObject, caller: TaskCaller): JsonObject;
  check?(answer: JsonObject): void;
  job?: NonNullable<Integration['job']>;
}

const callbacks: readonly Pattern[] = ['requestResponse', 'waitForTaskToken'];
const dynamodb = (operation: string): Recipe => ({
  service: 'dynamodb',
  operation,
  prefix: 'DynamoDB',
  java: 'AmazonDynamoDB',
  patterns: ['requestResponse'],
});

const recipes: Readonly<Record<string, Recipe>> = {
  'dynamodb:getItem': dynamodb('GetItem'),
  'dynamodb:putItem': dynamodb('PutItem'),
  'dynamodb:updateItem': dynamodb('UpdateItem'),
  'dynamodb:deleteItem': dynamodb('DeleteItem'),
  'sqs:sendMessage': {
    service: 'sqs',
    operation: 'SendMessage',
    prefix: 'SQS',
    java: 'AmazonSQS',
    patterns: callbacks,
    texts: ['MessageBody'],
  },
  'sns:publish': {
    service: 'sns',
    operation: 'Publish',
    prefix: 'SNS',
    java: 'AmazonSNS',
    patterns: callbacks,
    texts: ['Message'],
  },
  'events:putEvents': {
    service: 'events',
    operation: 'PutEvents',
    prefix: 'EventBridge',
    java: 'AmazonEventBridge',
    patterns: callbacks,
    prepare: (given, caller) => ({ ...given, Entries: entriesOf(given.Entries, caller) }),
    check: ({ FailedEntryCount, Entries }) => {
      if (FailedEntryCount === 0 || FailedEntryCount === undefined) return;
      throw new StatesError('EventBridge.FailedEntry', JSON.stringify({ Entries, FailedEntryCount }));
    },
  },
  'states:startExecution': {
    service: 'states',
    operation: 'StartExecution',
    prefix: 'StepFunctions',
    java: 'AWSStepFunctions',
    patterns: [...callbacks, 'sync', 'sync:2'],
    texts: ['Input'],
    job: executionEnded,
  },
};

export const optimized: Readonly<Record<string, Integration>> = Object.fromEntries(
  Object.entries(recipes).map(([name, recipe]) => [name, integrationOf(name, recipe)]),
);

function integrationOf(name: string, recipe: Recipe): Integration {
  const { service, operation, prefix, java, patterns, job } = recipe;
  return {
    prefix,
    patterns,
    ...(job === undefined ? {} : { job }),
    async call(core, caller, given) {
      if (!isObject(given)) throw new StatesError('States.Runtime', `The arguments of ${name} must be an object.`);
      const shapes = (await shapesOf(core, service)).operations.get(operation);
      if (shapes === undefined) throw new Error(`${service} has no operation ${operation}`);
      const { region, principal } = caller;
      const prepared = recipe.prepare?.(given, caller) ?? given;
      const input = toInput(capitalised, shapes.input, withTexts(prepared, recipe.texts ?? []));
      try {
        const answer = await core.invoke({ service, operation, region, input, principal });
        const output = await toOutput(capitalised, shapes.output, answer);
        recipe.check?.(output as JsonObject);
        return output ?? {};
      } catch (error) {
        throw await failureOf(core, region, error, { style: 'optimized', service, prefix, java });
      }
    },
  };
}

const asText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

const withTexts = (given: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, names.includes(name) ? asText(value) : value]),
  );

/** Details as text, and the execution and its machine among the resources. */
function entriesOf(entries: Json | undefined, { execution }: TaskCaller): Json {
  if (!Array.isArray(entries)) return entries ?? [];
  return entries.map((entry) => {
    if (!isObject(entry)) return entry;
    const named = Array.isArray(entry.Resources) ? entry.Resources : [];
    return { ...withTexts(entry, ['Detail']), Resources: [...named, execution.arn, execution.machineArn] };
  });
}

/** `.sync` answers with text where `.sync:2` answers with JSON; an execution that doesn't succeed is a failed task. */
async function executionEnded(accepted: Json, caller: TaskCaller, pattern: Pattern): Promise<Json> {
  const arn = isObject(accepted) ? accepted.ExecutionArn : undefined;
  const row = await caller.ended(typeof arn === 'string' ? arn : '');
  const description = describe(row, pattern === 'sync:2');
  if (row.status === 'SUCCEEDED') return description;
  throw new StatesError('States.TaskFailed', JSON.stringify(description));
}

function describe(row: ExecutionRow, parsed: boolean): JsonObject {
  const data = (text: string): Json => (parsed ? (JSON.parse(text) as Json) : text);
  return {
    ExecutionArn: row.arn,
    Input: data(row.input),
    InputDetails: { Included: true },
    Name: row.name,
    ...(row.output === undefined ? {} : { Output: data(row.output), OutputDetails: { Included: true } }),
    ...(row.error === undefined ? {} : { Error: row.error }),
    ...(row.cause === undefined ? {} : { Cause: row.cause }),
    StartDate: row.started,
    StateMachineArn: row.machineArn,
    Status: row.status,
    ...(row.stopped === undefined ? {} : { StopDate: row.stopped }),
  };
}
