/**
 * What AWS charges, as data: `prices.json`, or a file of the same form. Rows stand in groups that share a source; a price says where it
 * comes from, as of when, and whether it was only recalled. On demand, in US dollars, first tier, no free tier and no commitment.
 *
 * A key's last part tells the unit where the first doesn't: `ec2.t3.small`, `rds.mysql.t4g.medium` and `rds-multi.…` are per hour,
 * `…-gb` per GB, `…-1m` per million; storage is per GB and month, and whatever stands for a thing (`kms.key`) is per month.
 */

import { z } from 'zod';
import { checked } from './checked.ts';
import { allowedInstead } from './price-keys.ts';
import builtIn from './prices.json' with { type: 'json' };

export interface Price {
  readonly key: string;
  readonly region: string;
  readonly usd: number;
  /** The source's name in the book. */
  readonly source: string;
  readonly asOf: string;
  /** Recalled or guessed at: not looked up. */
  readonly unsure: boolean;
}

export interface PriceBook {
  /** When the book was compiled. */
  readonly asOf: string;
  readonly sources: Readonly<Record<string, PriceSource>>;
  find(region: string, key: string): Price | undefined;
}

export type PriceSource = z.output<typeof source>;

/** The book that ships with the tool. */
export const builtInPrices = (): PriceBook => bookOf(file.parse(builtIn), undefined);

/** The same as a file, to be copied and changed. */
export const builtInPriceFile: unknown = builtIn;

/** A book from a file's content. @throws a usage error that lists every wrong field. */
export function parsePrices(value: unknown, from: string): PriceBook {
  const parsed = checked(file, value, {
    what: 'The price file',
    from,
    next: 'Correct the fields above. `pilot-light cost --print prices` shows the form.',
  });
  return bookOf(parsed, parsed.basedOn === undefined ? undefined : builtInPrices());
}

type Tree = number | { readonly [part: string]: Tree };

const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day like 2026-11-23');
const usd = z.number('a number of US dollars').min(0, 'zero or more US dollars');
const tree: z.ZodType<Tree> = z.lazy(() =>
  z.union([usd, z.record(z.string(), tree)], 'a number of US dollars, zero or more, or an object of them'),
);
const source = z.strictObject({ what: z.string(), asOf: day, url: z.url('an address').optional() });
const regionNames = z.string().regex(/^(\*|[a-z]{2}(-[a-z]+)+-\d)$/, 'a Region like us-east-1, or * for every one');

const file = z
  .strictObject({
    asOf: day,
    currency: z.literal('USD', 'only USD'),
    /** Rows that aren't here are taken from the book that ships with the tool. */
    basedOn: z.literal('built-in', 'only "built-in"').optional(),
    sources: z.record(z.string(), source),
    /** Regions that are charged like another one where nothing is said of them. */
    like: z
      .array(
        z.strictObject({ region: regionNames, as: regionNames, source: z.string(), unsure: z.boolean().optional() }),
      )
      .default([]),
    groups: z.array(
      z.strictObject({
        source: z.string(),
        regions: z.array(regionNames).min(1),
        unsure: z.boolean().optional(),
        note: z.string().optional(),
        prices: z.record(z.string(), tree),
      }),
    ),
  })
  .superRefine(({ sources, groups, like }, context) => {
    const known = Object.keys(sources);
    const say = (path: PropertyKey[], message: string) => context.addIssue({ code: 'custom', path, message });
    const allowed = `one of the sources: ${known.join(', ')}`;
    groups.forEach((group, index) => {
      if (!known.includes(group.source)) say(['groups', index, 'source'], allowed);
    });
    like.forEach((row, index) => {
      if (!known.includes(row.source)) say(['like', index, 'source'], allowed);
      if (row.region === row.as || row.as === '*') say(['like', index, 'as'], 'another Region');
    });
    const seen = new Set<string>();
    groups.forEach(({ prices }, index) => {
      for (const [key] of flattened(prices)) {
        const allowed = allowedInstead(key);
        if (allowed !== undefined) say(['groups', index, 'prices', ...key.split('.')], allowed);
      }
    });
    groups.forEach(({ regions, prices }, index) => {
      for (const region of regions) {
        for (const [key] of flattened(prices)) {
          if (seen.has(`${region} ${key}`)) say(['groups', index, 'prices'], `${key} has one price in ${region}`);
          seen.add(`${region} ${key}`);
        }
      }
    });
  });

function bookOf({ asOf, sources, like, groups }: z.output<typeof file>, beneath: PriceBook | undefined): PriceBook {
  const rows = new Map<string, Omit<Price, 'region'>>();
  for (const group of groups) {
    const { source: name, unsure = false } = group;
    for (const [key, amount] of flattened(group.prices)) {
      for (const region of group.regions) {
        rows.set(`${region} ${key}`, { key, usd: amount, source: name, asOf: sources[name]?.asOf ?? asOf, unsure });
      }
    }
  }
  const likeness = new Map(like.map((row) => [row.region, row]));
  const own = (region: string, key: string): Price | undefined => {
    const row = rows.get(`${region} ${key}`) ?? rows.get(`* ${key}`);
    if (row !== undefined) return { ...row, region };
    const alike = likeness.get(region);
    const other = alike && rows.get(`${alike.as} ${key}`);
    return other && { ...other, region, unsure: other.unsure || alike.unsure === true };
  };
  return {
    asOf,
    sources: { ...beneath?.sources, ...sources },
    find: (region, key) => own(region, key) ?? beneath?.find(region, key),
  };
}

function flattened(tree: Tree, path = ''): [string, number][] {
  if (typeof tree === 'number') return [[path, tree]];
  return Object.entries(tree).flatMap(([part, inner]) => flattened(inner, path === '' ? part : `${path}.${part}`));
}
