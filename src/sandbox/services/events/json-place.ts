/**
 * Where in a JSON text a value stands, as EventBridge's parser says it: `at [Source: (String)"…"; line: 1, column: 40]`. Seen in
 * cloud-custodian#6507 (an empty object: behind it) and buildkite/docs#896 (a text: behind its first quote).
 */

/** `path` are keys and positions from the top. The text is valid JSON. */
export function placeOf(text: string, path: readonly (string | number)[]): string {
  const end = behind(text, startOf(text, path));
  const lines = text.slice(0, end).split('\n');
  return `at [Source: (String)"${text}"; line: ${lines.length}, column: ${(lines.at(-1)?.length ?? 0) + 1}]`;
}

/** How far the parser has read when it refuses a value: a text's first quote, a whole empty list or object, or what opens one. */
function behind(text: string, start: number): number {
  const empty = /^(\{\s*\}|\[\s*\]|[{["])/.exec(text.slice(start));
  return start + (empty?.[0].length ?? valueEnd(text, start) - start);
}

function startOf(text: string, path: readonly (string | number)[]): number {
  let at = skip(text, 0);
  for (const step of path) {
    const found = [...inside(text, at)].find(({ name }) => name === step);
    if (found === undefined) return at;
    at = found.start;
  }
  return at;
}

/** The members of an object or the items of a list, with where their values begin. */
function* inside(text: string, start: number): Generator<{ name: string | number; start: number }> {
  const isObject = text[start] === '{';
  if (!isObject && text[start] !== '[') return;
  let at = skip(text, start + 1);
  for (let index = 0; at < text.length && text[at] !== '}' && text[at] !== ']'; index++) {
    let name: string | number = index;
    if (isObject) {
      const end = valueEnd(text, at);
      name = JSON.parse(text.slice(at, end)) as string;
      at = skip(text, skip(text, end) + 1);
    }
    yield { name, start: at };
    at = skip(text, valueEnd(text, at));
    if (text[at] === ',') at = skip(text, at + 1);
  }
}

function valueEnd(text: string, start: number): number {
  if (text[start] === '"') return start + (/^"(?:[^"\\]|\\.)*"/s.exec(text.slice(start))?.[0].length ?? 1);
  if (text[start] !== '{' && text[start] !== '[') {
    return start + (/^[^\s,\]}]*/.exec(text.slice(start))?.[0].length ?? 1);
  }
  let at = start + 1;
  for (let depth = 1; depth > 0 && at < text.length; ) {
    const character = text[at];
    if (character === '"') {
      at = valueEnd(text, at);
      continue;
    }
    if (character === '{' || character === '[') depth++;
    if (character === '}' || character === ']') depth--;
    at++;
  }
  return at;
}

const skip = (text: string, at: number): number => at + (/^\s*/.exec(text.slice(at))?.[0].length ?? 0);
