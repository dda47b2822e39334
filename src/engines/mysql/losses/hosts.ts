import { patternReaches } from '../quote.ts';

/** A host with wildcards, as the server compares it. */
export function hostReaches(pattern: string, host: string): boolean {
  return patternReaches(pattern.toLowerCase(), host.toLowerCase(), false);
}

/** Characters before the first wildcard. */
export function nearness(host: string): number {
  const at = host.search(/[%_]/);
  return at < 0 ? Number.POSITIVE_INFINITY : at;
}
