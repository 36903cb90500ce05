/** The one assertion of all these stories. */

import { expect } from 'vitest';
import { play, type Story, type World } from '../../../support/story.ts';

/** Wherever the sandbox is killed, what was begun comes to the end it would have come to. Answers that end. */
export async function expectSameEnd<W extends World, Begun>(story: Story<W, Begun>): Promise<unknown> {
  const { whole, others } = await play(story);
  expect(others.length).toBeGreaterThan(0);
  for (const { killed, end } of others) expect({ killed, end }).toEqual({ killed, end: whole });
  return whole;
}
