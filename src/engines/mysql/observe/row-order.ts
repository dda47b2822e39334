import { keyOf, targetOf } from '../grants.ts';
import { grantPattern, patternReaches } from '../quote.ts';

/** How a server chooses among rows. */
export interface RowRule {
  readonly flavor: 'mysql' | 'mariadb';
  /** Names of databases in grants have no wildcards (partial_revokes). */
  readonly literalNames: boolean;
  /** A session of MySQL with roles looks at patterns in the order of their bytes. */
  readonly withRoles: boolean;
}

/**
 * Rows that one account has for a database, the one first that the server looks at: the database's own, else a pattern. Patterns that
 * rank alike stand as the server lists them: there the order of GRANT decides.
 */
export function rowsFor(targets: readonly string[], database: string, rule: RowRule): readonly string[] {
  const own = keyOf(['database', database]);
  // With roles a name that has to be escaped is one of the patterns.
  const escaped = grantPattern(database, rule.literalNames);
  const isPattern = rule.flavor === 'mysql' && rule.withRoles && escaped !== database;
  if (targets.includes(own) && !isPattern) return [own];
  const fitting = targets.flatMap((key) => {
    if (key === own) return [{ key, pattern: escaped }];
    const [kind, pattern = ''] = targetOf(key);
    return kind === 'pattern' && patternReaches(pattern, database, rule.literalNames) ? [{ key, pattern }] : [];
  });
  return fitting.toSorted((a, b) => compare(a.pattern, b.pattern, rule)).map(({ key }) => key);
}

function compare(one: string, other: string, { flavor, withRoles }: RowRule): number {
  if (flavor === 'mysql' && withRoles) return Buffer.compare(Buffer.from(one), Buffer.from(other));
  const rank = flavor === 'mariadb' ? specificity : firstWildcard;
  return rank(other) - rank(one);
}

/** True for two patterns that MariaDB ranks alike. */
export function isRival(one: string, other: string): boolean {
  return one !== other && specificity(one) === specificity(other);
}

/** Bytes up to the first wildcard, as MySQL counts them; `%` alone comes last. */
function firstWildcard(pattern: string): number {
  const at = Buffer.from(pattern.replaceAll(/\\[^]/gu, '..')).findIndex((byte) => byte === PERCENT || byte === UNDERSCORE);
  return pattern === '%' ? 1 : Math.min(at + 2, 127);
}

const [PERCENT, UNDERSCORE] = [0x25, 0x5f];
/** Characters of a database's name, as MariaDB reckons. */
const LONGEST = 64;

/** MariaDB prefers the pattern that fits fewer names: the number by which it sorts them, turned round. */
function specificity(pattern: string): number {
  const signs = pattern.replaceAll(/\\[^]/gu, '.').replaceAll(/%+/g, '%');
  const many = signs.split('%').length - 1;
  const one = signs.split('_').length - 1;
  const plain = Buffer.byteLength(signs) - many - one;
  const before = Buffer.byteLength(/^[^%_]*/.exec(signs)?.[0] ?? '');
  const [k, m] = [Math.min(many, 31), Math.min(one, 31)];
  const left = k > 0 ? LONGEST - plain - m : 0;
  const d = LONGEST + 1;
  const generic = left > m ? ((left * 2 + 1) * d + k) * 32 + m : (m * 2 * d + left) * 32 + k;
  return -(generic * d + before);
}
