/** Values for the shapes of an operation's input: mostly what the schema asks for, often out of its bounds, now and then of another type. */

import type { Member, Shape, Structure } from '../../src/sandbox/protocols/shapes.ts';
import type { Draw } from './draw.ts';
import { noise, textFor } from './texts.ts';

export type Known = ReadonlyMap<string, readonly string[]>;

/** Plain JSON: blobs are base64, times are seconds since the epoch. */
export function inputFor(draw: Draw, shape: Structure, known: Known): Record<string, unknown> {
  return structure(draw, shape, known, 0);
}

const deepest = 5;

function structure(draw: Draw, shape: Structure, known: Known, depth: number): Record<string, unknown> {
  const value: Record<string, unknown> = {};
  const { members } = shape;
  if (members.length === 0) return value;
  if (shape.union) {
    const member = draw.of(members);
    return { [member.name]: memberValue(draw, member, known, depth) };
  }
  const chance = Math.min(1, 4 / members.length);
  for (const member of members) {
    if (member.required ? draw.once(25) : draw.next() > chance) continue;
    value[member.name] = memberValue(draw, member, known, depth);
  }
  if (draw.once(40)) value[draw.of(['Unknown', '__proto__', '__type', '', 'toString'])] = anything(draw);
  return value;
}

const memberValue = (draw: Draw, member: Member, known: Known, depth: number): unknown =>
  draw.once(40) ? anything(draw) : valueFor(draw, member.shape, member.name, known, depth + 1);

function valueFor(draw: Draw, shape: Shape, name: string, known: Known, depth: number): unknown {
  switch (shape.kind) {
    case 'structure':
      return depth > deepest ? {} : structure(draw, shape, known, depth);
    case 'list':
      return Array.from({ length: depth > deepest ? 0 : lengthOf(draw) }, () =>
        valueFor(draw, shape.item.shape, name, known, depth + 1),
      );
    case 'map':
      return Object.fromEntries(
        Array.from({ length: depth > deepest ? 0 : lengthOf(draw) }, () => [
          textFor(draw, `${name}Key`, known),
          valueFor(draw, shape.value.shape, name, known, depth + 1),
        ]),
      );
    case 'string':
      return textFor(draw, name, known);
    case 'number':
      return draw.of(numbers);
    case 'boolean':
      return draw.once(2);
    case 'blob':
      return Buffer.from(noise(draw)).toString('base64');
    case 'timestamp':
      return draw.of([0, 1_795_000_000, -1, 8.64e12, 1e20, 1_795_000_000.123]);
  }
}

const lengthOf = (draw: Draw): number => (draw.once(60) ? 120 : draw.below(3));

const numbers = [
  1,
  0,
  -1,
  2,
  5,
  10,
  60,
  100,
  300,
  1000,
  3600,
  65_535,
  65_536,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 53,
  -(2 ** 31),
  0.5,
  1e308,
  1e-7,
];

/** A value of any type, whatever was asked for. */
export function anything(draw: Draw, depth = 0): unknown {
  const kind = draw.below(depth > 3 ? 5 : 7);
  if (kind === 0) return null;
  if (kind === 1) return draw.once(2);
  if (kind === 2) return draw.of(numbers);
  if (kind < 5) return noise(draw);
  if (kind === 5) return Array.from({ length: draw.below(4) }, () => anything(draw, depth + 1));
  return Object.fromEntries(Array.from({ length: draw.below(4) }, () => [noise(draw, 8), anything(draw, depth + 1)]));
}
