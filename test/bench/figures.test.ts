import { describe, expect, it } from 'vitest';
import { isMet, median, render } from '../../bench/figures.ts';

describe('figures', () => {
  it('says which goals are met and which are missed', () => {
    const text = render({
      title: 'Title',
      tables: [{ columns: ['', 's'], rows: [['one', 3.5]] }],
      goals: [
        { what: 'quick', measured: 3.5, under: 4, unit: 's' },
        { what: 'quicker', measured: 4, under: 4, unit: 's' },
        { what: 'within', measured: 4, atMost: 4, unit: 's' },
        { what: 'beyond', measured: 4.1, atMost: 4, unit: 's' },
        { what: 'share', measured: 70, atLeast: 70, unit: '%' },
        { what: 'more', measured: 69.9, atLeast: 70, unit: '%' },
      ],
      notes: [],
      data: {},
    });
    expect(text).toContain('goal met     quick: 3.5 s, to be under 4 s');
    expect(text).toContain('goal MISSED  quicker: 4 s, to be under 4 s');
    expect(text).toContain('goal met     within: 4 s, to be at most 4 s');
    expect(text).toContain('goal MISSED  beyond: 4.1 s, to be at most 4 s');
    expect(text).toContain('goal met     share: 70 %, to be at least 70 %');
    expect(text).toContain('goal MISSED  more: 69.9 %, to be at least 70 %');
    expect(isMet({ what: '', measured: Number.NaN, under: 1, unit: 's' })).toBe(false);
    expect(isMet({ what: '', measured: Number.NaN, atLeast: 1, unit: '%' })).toBe(false);
  });

  it('takes the median of odd and even counts', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([1, 9, 5, 7])).toBe(6);
  });
});
