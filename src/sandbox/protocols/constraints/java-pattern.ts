/** Patterns of AWS's models, which are Java's, as JavaScript's. AWS matches the whole text. */

const compiled = new Map<string, RegExp>();

/** Texts longer than any pattern was written for aren't tried: their length is refused, and a pattern may take exponential time. */
const longest = 10_000;

export function fullMatch(pattern: string, text: string): boolean {
  if (text.length > longest) return true;
  let expression = compiled.get(pattern);
  if (expression === undefined) {
    expression = expressionOf(pattern);
    compiled.set(pattern, expression);
  }
  return expression.test(text);
}

/** Unicode classes need the `u` flag, which forbids escapes and dashes that Java allows: those patterns do without. */
function expressionOf(pattern: string): RegExp {
  const whole = `^(?:${pattern.replace(/\\([#_:@!"%&',;<=>~ ])/g, '$1')})$`;
  try {
    return new RegExp(whole, 'u');
  } catch {
    return new RegExp(`^(?:${pattern})$`);
  }
}
