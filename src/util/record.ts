/**
 * The only ways to read and write a record whose keys are data: names of roles, tables, settings, words of a server. Plain
 * `record[key]` also finds what every object inherits, so that a role named `constructor` would seem to have rights.
 */
export function lookUp<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** As `record[key] = value`, which for `__proto__` alone would make no member but change what the record inherits. */
export function putIn<T>(record: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__') Object.defineProperty(record, key, { value, writable: true, enumerable: true, configurable: true });
  else record[key] = value;
}
