/**
 * Rows as text. Beside JSON's own values a row may hold what SDK inputs carry: dates, bytes, big integers, sets and maps, numbers
 * JSON has no word for. Anything else (functions, instances of classes) can't be kept and is refused by its path.
 *
 * A special value is an object with one member named by its tag; an object that happens to look like that is wrapped itself.
 */

const tags = ['$date', '$bytes', '$bigint', '$set', '$map', '$number', '$undefined', '$object'] as const;
type Tag = (typeof tags)[number];
const isTag = (key: string): key is Tag => (tags as readonly string[]).includes(key);

/** The value as JSON can hold it. Members that are undefined are left out, as JSON does. Throws where a value can't be kept. */
export function encode(value: unknown, path = ''): unknown {
  if (typeof value === 'number')
    return Number.isFinite(value) && !Object.is(value, -0) ? value : { $number: word(value) };
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (value === undefined) return { $undefined: true };
  if (typeof value === 'bigint') return { $bigint: String(value) };
  if (typeof value !== 'object') throw new TypeError(`a ${typeof value} at ${path || 'the top'}`);
  if (Array.isArray(value)) return value.map((one, index) => encode(one, `${path}[${index}]`));
  if (value instanceof Date) return { $date: word(value.getTime()) };
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Set) return { $set: encode([...value], path) };
  if (value instanceof Map) return { $map: encode([...value], path) };
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new TypeError(`an instance of ${value.constructor?.name ?? 'a class'} at ${path || 'the top'}`);
  }
  const encoded: Record<string, unknown> = {};
  let members = 0;
  let onlyTag = false;
  for (const [key, member] of Object.entries(value)) {
    if (member === undefined) continue;
    members++;
    onlyTag = isTag(key);
    define(encoded, key, encode(member, path === '' ? key : `${path}.${key}`));
  }
  return members === 1 && onlyTag ? { $object: encoded } : encoded;
}

/** The value again. Only special values are made anew: the rest is `encoded` itself. */
export function decode(encoded: unknown): unknown {
  if (typeof encoded !== 'object' || encoded === null) return encoded;
  if (Array.isArray(encoded)) {
    for (const [index, one] of encoded.entries()) encoded[index] = decode(one);
    return encoded;
  }
  const entries = Object.entries(encoded);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined && isTag(first[0])) return special[first[0]](first[1]);
  for (const [key, member] of entries) {
    if (typeof member === 'object') define(encoded as Record<string, unknown>, key, decode(member));
  }
  return encoded;
}

const special: Readonly<Record<Tag, (held: unknown) => unknown>> = {
  $date: (held) => new Date(Number(held)),
  // A copy: small buffers share one big one, which a row would keep alive.
  $bytes: (held) => new Uint8Array(Buffer.from(String(held), 'base64')),
  $bigint: (held) => BigInt(String(held)),
  $set: (held) => new Set(decode(held) as unknown[]),
  $map: (held) => new Map(decode(held) as [unknown, unknown][]),
  $number: (held) => Number(held),
  $undefined: () => undefined,
  $object: (held) => {
    const object = held as Record<string, unknown>;
    for (const [key, member] of Object.entries(object)) define(object, key, decode(member));
    return object;
  },
};

const word = (number: number): string => (Object.is(number, -0) ? '-0' : String(number));

/** A plain assignment would take `__proto__` for the prototype. */
function define(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}
