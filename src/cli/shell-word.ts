/** A value as one word of a POSIX shell, and as a value of a dotenv file: plain where that is safe, single quotes otherwise. */

export const shellWord = (value: string): string =>
  /^[\w@%+=:,./-]+$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`;
