import { field } from '../../../engine/index.ts';
import type { Diagnostic, FieldChange } from '../../../model/index.ts';
import { censusIn } from '../observe/census.ts';
import { isRival } from '../observe/row-order.ts';
import { listOf, targetOf, textOf } from '../grants.ts';
import { patternReaches } from '../quote.ts';
import type { Holder } from '../spec.ts';
import { type Context, factsOf } from '../steps/draft-steps.ts';
import type { OnDatabase } from './by-database.ts';
import type { Effect, GrantTables } from './effective.ts';

/** Where a row on a pattern goes, another row of the same login can come to count in its place: asked before, told after. */
export function watchGains(effects: readonly Effect[], tables: GrantTables): () => readonly FieldChange[] {
  const isPattern = effects.some((effect) => effect.is === 'revoke' && targetOf(effect.target)[0] === 'pattern');
  if (!isPattern) return () => [];
  const keys = [...new Set(effects.flatMap((effect) => tables.touched(effect)))].filter((key) => tables.canLogIn(key));
  const before = keys.map((key) => {
    const places = tables.byPatterns(key).map((name): readonly [string, OnDatabase] => [name, tables.onDatabase(key, name)]);
    return [key, places] as const;
  });
  return () =>
    before.flatMap(([key, places]) =>
      places.flatMap(([name, had]) => {
        const now = tables.onDatabase(key, name);
        const more = [...now.maybe].filter((one) => (now.sure.has(one) ? !had.sure.has(one) : !had.maybe.has(one)));
        return more.length === 0 ? [] : [field(`${key} on ${name}.*, by another row that counts there then`, null, textOf(more))];
      }),
    );
}

/** MariaDB puts rows that rank alike in another order with any GRANT on the server: which of them counts nobody can say beforehand. */
export function rivalWarnings(context: Context): readonly Diagnostic[] {
  const { flavor, literalNames } = factsOf(context);
  if (flavor !== 'mariadb') return [];
  const { accounts, databases } = censusIn(context.observation);
  const found = accounts.flatMap((one) => rivalsOf(one, databases, literalNames));
  if (found.length === 0) return [];
  const message = `on "${context.input.name}" these rank alike, and which of them counts changes with any GRANT or REVOKE, those of this plan included: ${found.join('; ')}`;
  const hint = 'grant by name on each database instead of on patterns of the same rank';
  return [{ code: 'CT2069', severity: 'warning', message, hint, path: context.input.path }];
}

function rivalsOf({ key, grants, of }: Holder, databases: readonly string[], literalNames: boolean): readonly string[] {
  if (of !== null) return [];
  const patterns = Object.entries(grants).flatMap(([target, privileges]) => {
    const [kind, text = ''] = targetOf(target);
    return kind === 'pattern' ? [{ text, may: textOf(listOf(privileges)) }] : [];
  });
  return patterns.flatMap((one, index) =>
    patterns.slice(index + 1).flatMap((other) => {
      if (one.may === other.may || !isRival(one.text, other.text)) return [];
      const both = databases.filter((name) => [one, other].every(({ text }) => patternReaches(text, name, literalNames)));
      return both.length === 0 ? [] : [`${key} on ${one.text}.* (${one.may}) and ${other.text}.* (${other.may}), in ${both.join(', ')}`];
    }),
  );
}
