/**
 * Filter patterns for unstructured log events: all terms, `?any` terms, `-excluded` terms, "quoted phrases".
 * Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */

import { unsupported } from '../events/refuse.ts';

export function filterPattern(pattern: string | undefined): (message: string) => boolean {
  const text = (pattern ?? '').trim();
  if (/^[{[%]/.test(text)) throw unsupported(`the structured filter pattern ${text}`);
  const terms = [...text.matchAll(/([?-]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(([, sign = '', phrase, word = '']) => ({
    sign,
    text: phrase?.replaceAll(/\\(.)/g, '$1') ?? word,
  }));
  const those = (sign: string): string[] => terms.filter((term) => term.sign === sign).map((term) => term.text);
  const [all, any, none] = [those(''), those('?'), those('-')];
  return (message) =>
    all.every((term) => message.includes(term)) &&
    (any.length === 0 || any.some((term) => message.includes(term))) &&
    !none.some((term) => message.includes(term));
}
