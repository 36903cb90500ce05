import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/sandbox/cloudformation/json.ts';
import { resolveParameters, shownParameters } from '../../../src/sandbox/cloudformation/parameters.ts';

const ssm = async (names: readonly string[]) =>
  new Map(
    [
      ['/v', '30'],
      ['/ids', 'a,b'],
    ].filter(([name]) => names.includes(name ?? '')) as [string, string][],
  );

const resolve = (declared: Record<string, JsonObject>, given: Record<string, string> = {}, previous = [] as never[]) =>
  resolveParameters(
    declared,
    Object.entries(given).map(([ParameterKey, ParameterValue]) => ({ ParameterKey, ParameterValue })),
    previous,
    ssm,
  );

describe('parameters', () => {
  it('answers defaults, given values, lists and values of Parameter Store', async () => {
    const values = await resolve(
      {
        A: { Type: 'String', Default: 'x' },
        B: { Type: 'Number', Default: 1 },
        C: { Type: 'CommaDelimitedList' },
        D: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/v' },
        E: { Type: 'AWS::SSM::Parameter::Value<List<String>>', Default: '/ids' },
        F: { Type: 'List<AWS::EC2::Subnet::Id>', Default: 'subnet-1, subnet-2' },
      },
      { B: '2', C: 'p,q' },
    );
    expect(Object.fromEntries(values.map(({ key, ref }) => [key, ref]))).toEqual({
      A: 'x',
      B: '2',
      C: ['p', 'q'],
      D: '30',
      E: ['a', 'b'],
      F: ['subnet-1', 'subnet-2'],
    });
    expect(shownParameters(values)[3]).toEqual({ ParameterKey: 'D', ParameterValue: '/v', ResolvedValue: '30' });
  });

  it('keeps previous values when asked, and hides what is not to be shown', async () => {
    const declared = { Secret: { Type: 'String', NoEcho: true } };
    const first = await resolve(declared, { Secret: 'hush' });
    const again = await resolveParameters(declared, [{ ParameterKey: 'Secret', UsePreviousValue: true }], first, ssm);
    expect(again[0]?.ref).toBe('hush');
    expect(JSON.stringify(shownParameters(again))).not.toContain('hush');
  });

  const refused: [string, JsonObject, Record<string, string>, RegExp][] = [
    ['a missing value', { Type: 'String' }, {}, /Parameters: \[P\] must have values/],
    ['a stranger', { Type: 'String', Default: '' }, { Q: 'x' }, /Parameters: \[Q\] do not exist in the template/],
    [
      'a value not allowed',
      { Type: 'String', AllowedValues: ['a', 'b'] },
      { P: 'c' },
      /must be one of AllowedValues: \[a, b\]/,
    ],
    ['a value off the pattern', { Type: 'String', AllowedPattern: '[a-z]+' }, { P: 'A' }, /must match pattern/],
    [
      'its own explanation',
      { Type: 'String', AllowedPattern: 'x', ConstraintDescription: 'be x' },
      { P: 'A' },
      /constraint: be x/,
    ],
    ['a text for a number', { Type: 'Number' }, { P: 'A' }, /must be a number/],
    ['a number too small', { Type: 'Number', MinValue: 3 }, { P: '2' }, /at least 3/],
    ['a text too long', { Type: 'String', MaxLength: 2 }, { P: 'abc' }, /at most 2/],
    ['an unknown type', { Type: 'Thing', Default: '' }, {}, /Unrecognized parameter type: Thing/],
    [
      'an absent SSM parameter',
      { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/no' },
      {},
      /Unable to fetch parameters \[\/no\]/,
    ],
  ];
  it.each(refused)('refuses %s', async (_, declaration, given, message) => {
    await expect(resolve({ P: declaration }, given)).rejects.toThrow(message);
  });
});
