import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../src/kernel/ids.ts';
import { randomPassword } from '../../../../src/sandbox/services/secretsmanager/random-password.ts';

describe('random passwords', () => {
  it('are 32 characters with one of each kind, unless told otherwise', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 4, max: 100 }), (seed, PasswordLength) => {
        const password = randomPassword(seededRandom(seed), { PasswordLength });
        expect(password).toHaveLength(PasswordLength);
        for (const kind of [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/]) expect(password).toMatch(kind);
      }),
    );
    expect(randomPassword(seededRandom(1), {})).toHaveLength(32);
  });

  it('leave out what is excluded', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const input = { ExcludeCharacters: '/@" aeiou0', ExcludePunctuation: true, ExcludeUppercase: true };
        expect(randomPassword(seededRandom(seed), input)).toMatch(/^[b-df-hj-np-tv-z1-9]{32}$/);
      }),
    );
  });

  it('can’t be made of nothing, nor shorter than the kinds they need', () => {
    const nothing = { ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true };
    expect(() => randomPassword(seededRandom(1), nothing)).toThrow(/no characters left/);
    expect(() => randomPassword(seededRandom(1), { PasswordLength: 3 })).toThrow(/PasswordLength is 4 to 4096/);
  });
});
