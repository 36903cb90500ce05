/** One machine with every type of state, in both query languages: what it does is the same. */

const ask = 'arn:aws:states:::lambda:invoke.waitForTaskToken';
const invoke = 'arn:aws:states:::lambda:invoke';
const fn = (name: string) => `arn:aws:lambda:us-west-2:111122223333:function:${name}`;
const lost = { ErrorEquals: ['Lambda.Unknown'], IntervalSeconds: 1, MaxAttempts: 99, BackoffRate: 1 };
const flaky = { ErrorEquals: ['Flaky'], IntervalSeconds: 2, MaxAttempts: 3, BackoffRate: 2 };
const late = { ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Unanswered' };

export const inJsonata = {
  QueryLanguage: 'JSONata',
  StartAt: 'Prepare',
  States: {
    Prepare: { Type: 'Pass', Assign: { factor: '{% $states.input.factor %}' }, Next: 'Each' },
    Each: {
      Type: 'Map',
      Items: '{% $states.input.items %}',
      MaxConcurrency: 2,
      ItemSelector: { n: '{% $states.context.Map.Item.Value %}', at: '{% $states.context.Map.Item.Index %}' },
      ItemProcessor: {
        StartAt: 'Work',
        States: {
          Work: {
            Type: 'Task',
            Resource: invoke,
            Arguments: { FunctionName: fn('work'), Payload: '{% $states.input %}' },
            TimeoutSeconds: 60,
            Retry: [flaky, lost],
            Assign: { product: '{% $states.result.Payload.n * $factor %}' },
            Output: '{% $states.result.Payload %}',
            Next: 'Which',
          },
          Which: {
            Type: 'Choice',
            Choices: [{ Condition: '{% $product > 20 %}', Assign: { big: true }, Next: 'Linger' }],
            Default: 'Small',
          },
          Linger: { Type: 'Wait', Seconds: '{% $states.input.n %}', Next: 'Big' },
          Big: { Type: 'Pass', Output: { product: '{% $product %}', big: '{% $big %}' }, End: true },
          Small: { Type: 'Pass', Output: { product: '{% $product %}' }, End: true },
        },
      },
      Assign: { products: '{% $states.result.product %}' },
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Rest',
          States: {
            Rest: { Type: 'Wait', Seconds: 11, Next: 'Inner' },
            Inner: {
              Type: 'Parallel',
              Branches: [
                { StartAt: 'Deep', States: { Deep: { Type: 'Pass', Output: '{% $sum($products) %}', End: true } } },
              ],
              End: true,
            },
          },
        },
        {
          StartAt: 'Ask',
          States: {
            Ask: {
              Type: 'Task',
              Resource: ask,
              Arguments: { FunctionName: fn('ask'), Payload: { token: '{% $states.context.Task.Token %}' } },
              HeartbeatSeconds: 6,
              Retry: [lost],
              Catch: [late],
              End: true,
            },
            Unanswered: { Type: 'Pass', Output: 'unanswered', End: true },
          },
        },
        {
          StartAt: 'AskInVain',
          States: {
            AskInVain: {
              Type: 'Task',
              Resource: ask,
              Arguments: { FunctionName: fn('silent'), Payload: { token: '{% $states.context.Task.Token %}' } },
              HeartbeatSeconds: 4,
              Retry: [lost],
              Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Output: 'nobody', Next: 'Nobody' }],
              End: true,
            },
            Nobody: { Type: 'Pass', End: true },
          },
        },
      ],
      Next: 'Breaks',
    },
    Breaks: {
      Type: 'Parallel',
      Arguments: { from: '{% $states.input %}' },
      Branches: [
        {
          StartAt: 'Soon',
          States: { Soon: { Type: 'Wait', Seconds: 3, Next: 'No' }, No: { Type: 'Fail', Error: 'Mine', Cause: 'no' } },
        },
        { StartAt: 'Long', States: { Long: { Type: 'Wait', Seconds: 300, End: true } } },
        {
          StartAt: 'Items',
          States: {
            Items: {
              Type: 'Map',
              Items: [1, 2],
              ItemProcessor: {
                StartAt: 'Longer',
                States: { Longer: { Type: 'Wait', Seconds: '{% 300 + $states.input %}', End: true } },
              },
              End: true,
            },
          },
        },
      ],
      Retry: [{ ErrorEquals: ['Mine'], MaxAttempts: 1 }],
      Catch: [
        {
          ErrorEquals: ['States.ALL'],
          Output: { before: '{% $states.input %}', error: '{% $states.errorOutput.Error %}' },
          Next: 'Send',
        },
      ],
      End: true,
    },
    Send: {
      Type: 'Task',
      Resource: fn('send'),
      Arguments: '{% $states.input %}',
      Retry: [lost],
      Next: 'Nap',
    },
    Nap: { Type: 'Wait', Timestamp: '2026-11-23T12:02:00Z', Next: 'Done' },
    Done: { Type: 'Succeed', Output: { sent: '{% $states.input %}', products: '{% $products %}' } },
  },
};

export const inJsonPath = {
  StartAt: 'Prepare',
  States: {
    Prepare: { Type: 'Pass', Assign: { 'factor.$': '$.factor' }, Next: 'Each' },
    Each: {
      Type: 'Map',
      ItemsPath: '$.items',
      MaxConcurrency: 2,
      ItemSelector: { 'n.$': '$$.Map.Item.Value', 'at.$': '$$.Map.Item.Index' },
      ItemProcessor: {
        StartAt: 'Work',
        States: {
          Work: {
            Type: 'Task',
            Resource: invoke,
            Parameters: { FunctionName: fn('work'), 'Payload.$': '$' },
            TimeoutSeconds: 60,
            Retry: [flaky, lost],
            Assign: { 'product.$': '$.Payload.product' },
            OutputPath: '$.Payload',
            Next: 'Which',
          },
          Which: {
            Type: 'Choice',
            Choices: [{ Variable: '$product', NumericGreaterThan: 20, Assign: { big: true }, Next: 'Linger' }],
            Default: 'Small',
          },
          Linger: { Type: 'Wait', SecondsPath: '$.n', Next: 'Big' },
          Big: { Type: 'Pass', Parameters: { 'product.$': '$product', 'big.$': '$big' }, End: true },
          Small: { Type: 'Pass', Parameters: { 'product.$': '$product' }, End: true },
        },
      },
      Assign: { 'products.$': '$[*].product' },
      Next: 'Both',
    },
    Both: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Rest',
          States: {
            Rest: { Type: 'Wait', Seconds: 11, Next: 'Inner' },
            Inner: {
              Type: 'Parallel',
              Branches: [
                {
                  StartAt: 'Deep',
                  States: {
                    Deep: {
                      Type: 'Pass',
                      Parameters: { 'count.$': 'States.ArrayLength($products)' },
                      OutputPath: '$.count',
                      End: true,
                    },
                  },
                },
              ],
              End: true,
            },
          },
        },
        {
          StartAt: 'Ask',
          States: {
            Ask: {
              Type: 'Task',
              Resource: ask,
              Parameters: { FunctionName: fn('ask'), Payload: { 'token.$': '$$.Task.Token' } },
              HeartbeatSeconds: 6,
              Retry: [lost],
              Catch: [late],
              End: true,
            },
            Unanswered: { Type: 'Pass', Result: 'unanswered', End: true },
          },
        },
        {
          StartAt: 'AskInVain',
          States: {
            AskInVain: {
              Type: 'Task',
              Resource: ask,
              Parameters: { FunctionName: fn('silent'), Payload: { 'token.$': '$$.Task.Token' } },
              HeartbeatSeconds: 4,
              Retry: [lost],
              Catch: [{ ErrorEquals: ['States.HeartbeatTimeout'], Next: 'Nobody' }],
              End: true,
            },
            Nobody: { Type: 'Pass', Result: 'nobody', End: true },
          },
        },
      ],
      Next: 'Breaks',
    },
    Breaks: {
      Type: 'Parallel',
      Parameters: { 'from.$': '$' },
      Branches: [
        {
          StartAt: 'Soon',
          States: { Soon: { Type: 'Wait', Seconds: 3, Next: 'No' }, No: { Type: 'Fail', Error: 'Mine', Cause: 'no' } },
        },
        { StartAt: 'Long', States: { Long: { Type: 'Wait', Seconds: 300, End: true } } },
        {
          StartAt: 'Items',
          States: {
            Items: {
              Type: 'Map',
              ItemsPath: '$.from',
              ItemProcessor: { StartAt: 'Longer', States: { Longer: { Type: 'Wait', Seconds: 301, End: true } } },
              End: true,
            },
          },
        },
      ],
      Retry: [{ ErrorEquals: ['Mine'], MaxAttempts: 1 }],
      Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: 'Send' }],
      End: true,
    },
    Send: { Type: 'Task', Resource: fn('send'), Retry: [lost], Next: 'Nap' },
    Nap: { Type: 'Wait', Timestamp: '2026-11-23T12:02:00Z', Next: 'Collect' },
    Collect: { Type: 'Pass', Parameters: { 'sent.$': '$', 'products.$': '$products' }, Next: 'Done' },
    Done: { Type: 'Succeed' },
  },
};
