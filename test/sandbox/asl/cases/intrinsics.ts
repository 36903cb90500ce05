/** Intrinsic functions of JSONPath states. Source: Step Functions Developer Guide, "Intrinsic functions"; recordings of AWS. */

import { type Case, only } from './case.ts';

const input = {
  name: 'Ann',
  n: 3,
  list: [1, 2, 2, 3],
  one: { a: 1, b: 2 },
  two: { b: 3, c: 4 },
  text: '1,2;3',
  nil: null,
};

const call = (expression: string, output: unknown): Case => ({
  name: expression,
  definition: only({ Type: 'Pass', Parameters: { 'x.$': expression } }),
  input,
  output: { x: output },
});
const fails = (expression: string): Case => ({
  name: `${expression} fails`,
  definition: only({ Type: 'Pass', Parameters: { 'x.$': expression } }),
  input,
  error: 'States.IntrinsicFailure',
});

export const intrinsicCases: readonly Case[] = [
  call("States.Format('{} is {}', $.name, $.n)", 'Ann is 3'),
  call("States.Format('{}', $.one)", '{"a":1,"b":2}'),
  call("States.Format('\\{{}\\}', $.n)", '{3}'),
  call("States.Format('it\\'s {}', $.name)", "it's Ann"),
  call('States.StringToJson(\'{"a":[1]}\')', { a: [1] }),
  call('States.JsonToString($.one)', '{"a":1,"b":2}'),
  call('States.JsonToString($.nil)', 'null'),
  call("States.Array(1, 'two', true, null, $.list)", [1, 'two', true, null, [1, 2, 2, 3]]),
  call('States.Array()', []),
  call('States.ArrayPartition($.list, 3)', [[1, 2, 2], [3]]),
  call('States.ArrayPartition($.list, 9)', [[1, 2, 2, 3]]),
  call('States.ArrayContains($.list, 3)', true),
  call('States.ArrayContains($.list, 9)', false),
  call('States.ArrayRange(1, 9, 2)', [1, 3, 5, 7, 9]),
  call('States.ArrayRange(0, 10, 3)', [0, 3, 6, 9]),
  call('States.ArrayRange(1, 9, 9)', [1]),
  call('States.ArrayGetItem($.list, 3)', 3),
  call('States.ArrayLength($.list)', 4),
  call('States.ArrayUnique($.list)', [1, 2, 3]),
  call("States.Base64Encode('Data to encode')", 'RGF0YSB0byBlbmNvZGU='),
  call("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", 'Data to encode'),
  call("States.Hash('input data', 'SHA-1')", 'aaff4a450a104cd177d28d18d74485e8cae074b7'),
  call("States.Hash('a', 'MD5')", '0cc175b9c0f1b6a831c399e269772661'),
  call('States.JsonMerge($.one, $.two, false)', { a: 1, b: 3, c: 4 }),
  call('States.MathAdd(111, -1)', 110),
  call('States.MathAdd($.n, 1)', 4),
  call('States.MathRandom(1, 2)', 1),
  call("States.StringSplit('1,2,3,4,5', ',')", ['1', '2', '3', '4', '5']),
  call("States.StringSplit('This.is+a,test=string', '.+,=')", ['This', 'is', 'a', 'test', 'string']),
  call("States.StringSplit(',,,,', ',')", []),
  call("States.StringSplit(' , ', ',')", [' ', ' ']),
  call('States.ArrayLength(States.ArrayUnique(States.Array($.n, $.n)))', 1),
  fails("States.StringToJson('{')"),
  fails('States.ArrayGetItem($.list, 9)'),
  fails('States.JsonMerge($.one, $.two, true)'),
  fails("States.Format('{} {}', $.n)"),
  fails('States.MathAdd($.name, 1)'),
  fails('States.ArrayLength($.name)'),
  fails("States.Hash('a', 'ROT13')"),
];
