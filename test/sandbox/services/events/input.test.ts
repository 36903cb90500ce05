/** What a target gets to see of an event. */

import { expect, test } from 'vitest';
import { targetInput } from '../../../../src/sandbox/services/events/input.ts';

const event = { id: '1', source: 'app', detail: { name: 'he said "hi"', size: 3, tags: ['a'], deep: { x: 1 } } };
const origin = { ruleArn: 'arn:rule', ruleName: 'rule', ingested: '2026-11-23T12:00:00.000Z' };
const transformed = (InputTemplate: string, InputPathsMap = {}): unknown =>
  JSON.parse(targetInput({ InputTransformer: { InputTemplate, InputPathsMap } }, event, origin));

test('the event, a constant, or a part', () => {
  expect(JSON.parse(targetInput({}, event, origin))).toEqual(event);
  expect(targetInput({ Input: '{"a":1}' }, event, origin)).toBe('{"a":1}');
  expect(targetInput({ InputPath: '$.detail.deep' }, event, origin)).toBe('{"x":1}');
  expect(targetInput({ InputPath: "$['detail']['tags'][0]" }, event, origin)).toBe('"a"');
});

test('a template: values stand as JSON outside quotes, and as text inside', () => {
  const paths = { name: '$.detail.name', size: '$.detail.size', deep: '$.detail.deep', none: '$.detail.none' };
  expect(transformed('{"n":<name>,"s":<size>,"d":<deep>,"e":<none>,"text":"<name> of <size>"}', paths)).toEqual({
    n: 'he said "hi"',
    s: 3,
    d: { x: 1 },
    e: '',
    text: 'he said "hi" of 3',
  });
});

test('a template that is plain text becomes a JSON string, and knows the rule and the event', () => {
  expect(transformed('"<aws.events.rule-name> fired"')).toBe('rule fired');
  expect(transformed('<aws.events.rule-name> fired')).toContain('fired');
  expect(transformed('{"event":<aws.events.event.json>}')).toEqual({ event });
});
