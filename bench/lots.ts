/** What many objects and parameters cost each to list, replicate and read: four times as many must cost about four times as much. */

import { child } from './child.ts';
import type { Benchmark, Figures } from './figures.ts';
import { rounded } from './figures.ts';

const sizes = [2500, 5000, 10_000] as const;
/** Parameters are a tenth of that: 250, 500, 1,000. */
const parametersOf = (size: number): number => size / 10;

interface Cost {
  /** How many objects. */
  readonly size: number;
  /** Microseconds of processor time an item. */
  readonly put: number;
  readonly replicate: number;
  readonly list: number;
  readonly putParameter: number;
  readonly walk: number;
}

type Part = Exclude<keyof Cost, 'size'>;

const parts: readonly {
  readonly part: Part;
  readonly what: string;
  readonly of: 'objects' | 'parameters';
  /** That each costs no more when there are more of them is its goal. */
  readonly linear: boolean;
}[] = [
  { part: 'put', what: 'PutObject', of: 'objects', linear: false },
  { part: 'replicate', what: 'replication to the other Region', of: 'objects', linear: true },
  { part: 'list', what: 'ListObjectsV2, all pages', of: 'objects', linear: true },
  { part: 'putParameter', what: 'PutParameter', of: 'parameters', linear: false },
  { part: 'walk', what: 'GetParametersByPath, all pages', of: 'parameters', linear: true },
];

export const lots: Benchmark = {
  name: 'lots',
  does: 'what each of 10,000 objects and 1,000 parameters costs, beside each of a quarter of them',
  async run(): Promise<Figures> {
    const { told: costs, stop } = await child<readonly Cost[]>('many.mjs', sizes.map(String));
    await stop();
    const [few, , lot] = costs;
    if (few === undefined || lot === undefined) throw new Error('Not all sizes were measured.');
    const grown = (part: Part): number => rounded(lot[part] / few[part], 2);
    return {
      title: 'Microseconds of processor time an item',
      tables: (['objects', 'parameters'] as const).map((things) => ({
        columns: [
          things,
          ...sizes.map((size) => String(things === 'parameters' ? parametersOf(size) : size)),
          'last to first',
        ],
        rows: parts
          .filter((one) => one.of === things)
          .map(({ part, what }) => [what, ...costs.map((cost) => rounded(cost[part])), grown(part)]),
      })),
      goals: parts
        .filter(({ linear }) => linear)
        .map(({ part, what }) => ({
          what: `${what}: an item among many, to one among a quarter of them`,
          measured: grown(part),
          under: 1.3,
          unit: 'times' as const,
        })),
      notes: [
        "By processor time, collection of garbage included: what else the machine does counts little. Lists and walks are an SDK client's in the same process, its part included, as many of each size; pages are of 1,000 objects and of 10 parameters. Puts are made in process. Every call is authorised as a user's, the replication's as its role's; request limits are off.",
      ],
      data: { costs },
    };
  },
};
