/** Random passwords, as GetRandomPassword makes them. Source: Secrets Manager API Reference. */

import type { GetRandomPasswordCommandInput } from '@aws-sdk/client-secrets-manager';
import type { Random } from '../../../kernel/ids.ts';
import { invalidParameter } from './errors.ts';

const kinds = {
  lowercase: 'abcdefghijklmnopqrstuvwxyz',
  uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  numbers: '0123456789',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  space: ' ',
};

export function randomPassword(random: Random, input: GetRandomPasswordCommandInput): string {
  const length = input.PasswordLength ?? 32;
  const included = [
    input.ExcludeLowercase === true ? '' : kinds.lowercase,
    input.ExcludeUppercase === true ? '' : kinds.uppercase,
    input.ExcludeNumbers === true ? '' : kinds.numbers,
    input.ExcludePunctuation === true ? '' : kinds.punctuation,
    input.IncludeSpace === true ? kinds.space : '',
  ]
    .map((kind) => kind.split('').filter((one) => input.ExcludeCharacters?.includes(one) !== true))
    .filter((kind) => kind.length > 0);
  const demanded = input.RequireEachIncludedType === false ? [] : included;
  if (included.length === 0) throw invalidParameter('The password has no characters left to be made of.');
  if (length > 4096 || length < Math.max(1, demanded.length)) {
    throw invalidParameter(`PasswordLength is ${Math.max(1, demanded.length)} to 4096, not ${length}.`);
  }
  const pick = (from: readonly string[]): string => from[Math.floor(random.next() * from.length)] ?? '';
  const all = included.flat();
  const rest = Array.from({ length: length - demanded.length }, () => pick(all));
  return shuffled([...demanded.map(pick), ...rest], random).join('');
}

function shuffled(characters: string[], random: Random): string[] {
  for (let end = characters.length - 1; end > 0; end--) {
    const other = Math.floor(random.next() * (end + 1));
    [characters[end], characters[other]] = [characters[other] ?? '', characters[end] ?? ''];
  }
  return characters;
}
