/** The dependency graph: who waits for whom, checked for circles, and walked with independent members in parallel. */

import { validationError } from './errors.ts';

/** For each member, the members it depends on. */
export type Graph = ReadonlyMap<string, ReadonlySet<string>>;

/** Raises ValidationError naming the members of a circle, if there is one. */
export function checkAcyclic(graph: Graph): void {
  const left = new Map([...graph].map(([id, needs]) => [id, new Set(needs)]));
  for (let ready = free(left); ready.length > 0; ready = free(left)) {
    for (const id of ready) left.delete(id);
    for (const needs of left.values()) for (const id of ready) needs.delete(id);
  }
  // What only waits for the circle, and isn't waited for, is not part of it.
  for (let idle = unwanted(left); idle.length > 0; idle = unwanted(left)) for (const id of idle) left.delete(id);
  if (left.size > 0) {
    throw validationError(`Circular dependency between resources: [${[...left.keys()].join(', ')}]`);
  }
}

const free = (left: ReadonlyMap<string, ReadonlySet<string>>): string[] =>
  [...left].filter(([, needs]) => needs.size === 0).map(([id]) => id);

function unwanted(left: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const wanted = new Set([...left.values()].flatMap((needs) => [...needs]));
  return [...left.keys()].filter((id) => !wanted.has(id));
}

export function reversed(graph: Graph): Graph {
  const result = new Map([...graph.keys()].map((id) => [id, new Set<string>()]));
  for (const [id, needs] of graph) for (const need of needs) result.get(need)?.add(id);
  return result;
}

/** Each member once, after all it depends on. */
export function ordered(graph: Graph): string[] {
  const seen = new Set<string>();
  const result: string[] = [];
  const visit = (id: string): void => {
    if (seen.has(id) || !graph.has(id)) return;
    seen.add(id);
    for (const need of graph.get(id) ?? []) visit(need);
    result.push(id);
  };
  for (const id of graph.keys()) visit(id);
  return result;
}

/**
 * Runs `work` on every member, each as soon as all it depends on are done. After a failure nothing new is started (with `goOn`,
 * nothing that depends on what failed); what runs is waited for. Answers the members that failed, with their errors, and those
 * never started.
 */
export async function walk(
  graph: Graph,
  work: (id: string) => Promise<void>,
  options: { readonly goOn?: boolean } = {},
): Promise<{ failed: Map<string, unknown>; skipped: string[] }> {
  const failed = new Map<string, unknown>();
  const started = new Set<string>();
  const done = new Set<string>();
  await new Promise<void>((resolve) => {
    let running = 0;
    const advance = (): void => {
      for (const [id, needs] of graph) {
        if (failed.size > 0 && options.goOn !== true) break;
        if (started.has(id) || ![...needs].every((need) => done.has(need) || !graph.has(need))) continue;
        started.add(id);
        running++;
        void work(id)
          .then(() => done.add(id))
          .catch((error: unknown) => failed.set(id, error))
          .finally(() => {
            running--;
            advance();
          });
      }
      if (running === 0) resolve();
    };
    advance();
  });
  return { failed, skipped: [...graph.keys()].filter((id) => !started.has(id)) };
}
