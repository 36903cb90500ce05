/** Runs functions by calling code of the test, so that everything around them can be tried on a virtual clock. */

import type {
  FunctionImage,
  FunctionRunner,
  Invocation,
  Outcome,
} from '../../../../src/sandbox/functions/function-image.ts';

export interface FakeRunner extends FunctionRunner {
  readonly runs: { readonly image: FunctionImage; readonly event: unknown; readonly requestId: string }[];
  /** What the functions answer; what it throws is the function's error. */
  handler: (event: unknown, image: FunctionImage) => unknown;
}

export function fakeRunner(): FakeRunner {
  const runner: FakeRunner = {
    runs: [],
    handler: () => null,
    async invoke(image: FunctionImage, { payload, requestId }: Invocation): Promise<Outcome> {
      const event: unknown = JSON.parse(payload);
      runner.runs.push({ image, event, requestId });
      const common = { log: `START RequestId: ${requestId}\nEND RequestId: ${requestId}\n`, duration: 5 };
      try {
        const result = await runner.handler(event, image);
        return { ...common, payload: JSON.stringify(result) ?? 'null', functionError: false };
      } catch (error) {
        const errorMessage = error instanceof Error ? error.message : String(error);
        return {
          ...common,
          payload: JSON.stringify({ errorType: 'Error', errorMessage, trace: [] }),
          functionError: true,
        };
      }
    },
    retire: () => {},
    regionDark: () => {},
    close: async () => {},
  };
  return runner;
}
