/** JSON values as templates and stacks hold them. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: Json;
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isList = (value: unknown): value is readonly Json[] => Array.isArray(value);

/** Equal as CloudFormation compares properties: key order doesn't matter, and `3` equals `"3"`, `true` equals `"true"`. */
export function sameJson(left: Json | undefined, right: Json | undefined): boolean {
  return canonical(left) === canonical(right);
}

/** Keys sorted, scalars as text. */
export function canonical(value: Json | undefined): string {
  if (value === undefined) return 'undefined';
  if (isList(value)) return `[${value.map(canonical).join(',')}]`;
  if (isObject(value)) {
    const members = Object.keys(value)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
    return `{${members.join(',')}}`;
  }
  return value === null ? 'null' : JSON.stringify(String(value));
}

/** The value with every text in it (not the keys) replaced by what `change` answers. */
export function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === 'string') return change(value);
  if (isList(value)) return value.map((item) => mapTexts(item, change));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapTexts(item, change)]));
}

/** Whether any text in the value satisfies the test. */
export function someText(value: Json | undefined, test: (text: string) => boolean): boolean {
  if (typeof value === 'string') return test(value);
  if (isList(value)) return value.some((item) => someText(item, test));
  return isObject(value) && Object.values(value).some((item) => someText(item, test));
}

/** A value as text: scalars as they are, structures as JSON. */
export const asText = (value: Json | undefined): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);
