/** The fields of every state type: those of both query languages, and those of one. Source: the Amazon States Language specification. */

import type { StateType } from './definition.ts';

interface Fields {
  readonly both: readonly string[];
  readonly jsonata: readonly string[];
  readonly jsonpath: readonly string[];
}

const named = ['Type', 'Comment', 'QueryLanguage'];
const flow = [...named, 'Next', 'End', 'Assign'];
const failing = [...flow, 'Retry', 'Catch'];
const narrowing = ['InputPath', 'OutputPath'];
const shaping = [...narrowing, 'Parameters', 'ResultSelector', 'ResultPath'];

export const fieldsOf: Readonly<Record<StateType, Fields>> = {
  Task: {
    both: [...failing, 'Resource', 'TimeoutSeconds', 'HeartbeatSeconds'],
    jsonata: ['Arguments', 'Output'],
    jsonpath: [...shaping, 'TimeoutSecondsPath', 'HeartbeatSecondsPath'],
  },
  Pass: { both: flow, jsonata: ['Output'], jsonpath: [...narrowing, 'Parameters', 'ResultPath', 'Result'] },
  Choice: { both: [...named, 'Choices', 'Default', 'Assign'], jsonata: ['Output'], jsonpath: narrowing },
  Wait: {
    both: [...flow, 'Seconds', 'Timestamp'],
    jsonata: ['Output'],
    jsonpath: [...narrowing, 'SecondsPath', 'TimestampPath'],
  },
  Succeed: { both: named, jsonata: ['Output'], jsonpath: narrowing },
  Fail: { both: [...named, 'Error', 'Cause'], jsonata: [], jsonpath: ['ErrorPath', 'CausePath'] },
  Parallel: { both: [...failing, 'Branches'], jsonata: ['Arguments', 'Output'], jsonpath: shaping },
  Map: {
    both: [...failing, 'ItemProcessor', 'Iterator', 'ItemSelector', 'MaxConcurrency'],
    jsonata: ['Items', 'Output'],
    jsonpath: [...shaping, 'ItemsPath', 'MaxConcurrencyPath'],
  },
};

/** Fields that only states of the one language have. */
export const fieldsOnlyIn = (language: 'jsonata' | 'jsonpath'): ReadonlySet<string> =>
  new Set(Object.values(fieldsOf).flatMap((fields) => fields[language]));
