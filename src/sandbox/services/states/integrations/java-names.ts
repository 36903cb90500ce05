/** Names as the Java SDK spells them, and Step Functions after it: `DBInstanceIdentifier` is `DbInstanceIdentifier`. */

export const javaName = (name: string): string =>
  capitalised(name).replaceAll(/[A-Z]{2,}(?=[A-Z][a-z]|[^A-Za-z]|$)/g, capital);

const capital = (run: string): string => run.slice(0, 1) + run.slice(1).toLowerCase();

export const capitalised = (name: string): string => name.replace(/^[a-z]/, (first) => first.toUpperCase());
