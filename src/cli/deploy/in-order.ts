/** Runs work on things that depend on each other: each when all it depends on are done, so many at a time. */

/** After a failure nothing new is started; rejects with the first failure once what runs has ended. */
export async function inOrder<T extends { readonly id: string }>(
  items: readonly T[],
  after: (item: T) => readonly string[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const ids = new Set(items.map(({ id }) => id));
  const waiting = new Set(items);
  const done = new Set<string>();
  const failures: unknown[] = [];
  await new Promise<void>((resolve) => {
    let running = 0;
    const advance = (): void => {
      for (const item of waiting) {
        if (failures.length > 0 || running >= concurrency) break;
        if (!after(item).every((id) => done.has(id) || !ids.has(id))) continue;
        waiting.delete(item);
        running++;
        void work(item)
          .then(() => done.add(item.id))
          .catch((error: unknown) => failures.push(error))
          .finally(() => {
            running--;
            advance();
          });
      }
      if (running === 0) resolve();
    };
    advance();
  });
  if (failures.length > 0) throw failures[0];
  if (waiting.size > 0) {
    throw new Error(`These wait for each other: ${[...waiting].map(({ id }) => id).join(', ')}`);
  }
}
