/** What an SDK client of the benchmarks is told. */

export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** Makes `count` calls, `inFlight` of them at a time, each told its number. */
export async function many(count: number, inFlight: number, call: (number: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

/** Calls a second of `count` calls, `inFlight` of them at a time. */
export async function rate(
  count: number,
  inFlight: number,
  call: (number: number) => Promise<unknown>,
): Promise<number> {
  const began = performance.now();
  await many(count, inFlight, call);
  return (1000 * count) / (performance.now() - began);
}
