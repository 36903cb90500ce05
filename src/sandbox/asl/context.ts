/** The context object: `$states.context` in JSONata, `$$` in JSONPath. */

import { isoTime } from '../../kernel/clock.ts';
import type { JsonObject } from './json.ts';
import type { StateRun } from './run.ts';

export function contextOf({ name, frame, run }: Pick<StateRun, 'name' | 'frame' | 'run'>, token?: string): JsonObject {
  const { item } = frame;
  return {
    ...run.context,
    State: { Name: name, EnteredTime: isoTime(frame.enteredAt), RetryCount: frame.retryCount },
    ...(token === undefined ? {} : { Task: { Token: token } }),
    ...(item === undefined ? {} : { Map: { Item: { Index: item.Index, Value: item.Value } } }),
  };
}
