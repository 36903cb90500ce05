import { expect, test } from 'vitest';
import { faultDescriptions, parseFault, signature } from '../../../src/sandbox/control/fault-input.ts';
import { faultKinds } from '../../../src/sandbox/faults/specs.ts';

const regions = ['us-east-1', 'us-west-2'];

test("a command line's text becomes what the schema wants, with its defaults", () => {
  expect(parseFault({ kind: 'latency', from: 'outside', to: 'us-east-1', milliseconds: '250' }, regions)).toEqual({
    kind: 'latency',
    from: 'outside',
    to: 'us-east-1',
    milliseconds: 250,
  });
  expect(parseFault({ kind: 'api-error', service: 'rds', share: '0.5' }, regions)).toEqual({
    kind: 'api-error',
    service: 'rds',
    share: 0.5,
    code: 'InternalFailure',
  });
});

test.each<[Record<string, unknown>, RegExp]>([
  [{ kind: 'earthquake' }, /no such kind of fault\. Given: earthquake\. Allowed: dark, partition/],
  [{ kind: 'dark' }, /dark isn't valid: region: .*Allowed: region=…/],
  [{ kind: 'dark', region: 'mars' }, /dark is about a Region that isn't there.*mars.*Allowed: us-east-1, us-west-2/],
  // A Region is where calls are served: nobody serves outside.
  [{ kind: 'dark', region: 'outside' }, /Allowed: us-east-1, us-west-2\.$/],
  [
    { kind: 'partition', from: 'us-east-1', to: 'mars' },
    /partition is about a place that isn't there.*Allowed: outside, us-east-1, us-west-2/,
  ],
  [{ kind: 'latency', from: 'outside', to: 'us-east-1', milliseconds: 'abc' }, /milliseconds:.*Given: .*abc.*1…600000/],
  [{ kind: 'latency', from: 'outside', to: 'us-east-1', milliseconds: '0' }, /milliseconds: .*>=1/],
  [{ kind: 'throttle', share: '1.5' }, /share: .*<=1/],
  [{ kind: 'dark', region: 'us-east-1', colour: 'black' }, /Unrecognized key: "colour"/],
])('%j is one usage error', (given, says) => {
  expect(() => parseFault(given, regions)).toThrow(
    expect.objectContaining({ kind: 'usage', message: expect.stringMatching(says) }),
  );
});

test('every kind is described, with what the schema says of its parameters', () => {
  const described = faultDescriptions();
  expect(described.map(({ kind }) => kind)).toEqual(faultKinds);
  expect(described.every(({ does }) => does.length > 20)).toBe(true);
  const slow = described.find(({ kind }) => kind === 'slow-api');
  expect(slow?.parameters.map(signature).join(' ')).toBe(
    '[service=…] [operation=…] [region=…] [from=…] [share=1] milliseconds=1…600000',
  );
});
