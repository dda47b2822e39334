import type { Observation } from '../../../engine/index.ts';
import { addressKey, type Observed } from '../../../model/index.ts';
import { compile } from '../compile/compile.ts';
import type { Draft } from '../compile/draft.ts';
import { GUARD_SCHEMA } from '../steps/guard.ts';
import { partName, partOf } from '../part-name.ts';
import { factsOf } from '../kinds/kind.ts';
import { WRAPPER } from '../kinds/share.ts';
import { ident } from '../quote.ts';
import { isLeftShare } from '../retire/shares.ts';
import type { ShareSpec } from '../shares/spec.ts';
import { workOn } from '../shares/work.ts';
import { pairsFrom } from '../shares/shares.ts';
import { isKind } from '../spec.ts';

/** Shared tables that their app has not made yet: they are opened by the first apply after that. */
export function judgeShares(draft: Draft, observation: Observation): void {
  judgeLeft(draft, observation);
  if (draft.input.shares.length === 0) return;
  judgeAcross(draft, observation);
  const found = new Map(observation.resources.map((one) => [addressKey(one.address), one]));
  for (const one of compile(draft.input).resources) {
    if (!isKind(one, 'objects') || one.spec.shares === undefined || one.app === null) continue;
    const has = found.get(addressKey(one.address));
    const absent = new Set(has && isKind(has, 'objects') ? has.spec.absent : one.spec.shares.map(({ table }) => table));
    for (const { to, tables, path } of pairsFrom(draft.input, one.app)) {
      const missing = tables.flatMap(({ table, columns }) =>
        absent.has(table) ? [table] : (columns ?? []).map((column) => `${table}.${column}`).filter((name) => absent.has(name)),
      );
      if (missing.length === 0) continue;
      draft.warn(
        'CT2025',
        `app "${one.app}" shares with "${to}" tables or columns that do not exist yet on "${draft.input.name}": ${missing.join(', ')}`,
        path,
        'they are not shared; run apply again once the app has created them',
      );
    }
  }
}

const HINT = 'drop them, or recreate them afterwards, and run apply again';

/** Views that cannot follow their table, because of what the other app has built on them. */
function judgeAcross(draft: Draft, observation: Observation): void {
  const facts = factsOf(observation.server);
  const logged: string[] = [];
  for (const one of observation.resources) {
    if (!isKind(one, 'share') || !one.spec.found) continue;
    const [database, schema] = partOf(one.address.name);
    const path = draft.input.shares.find((share) => share.from === one.spec.from && share.to === one.app)?.path ?? draft.input.path;
    for (const name of taken(one, observation))
      draft.error(
        'CT2005',
        `schema "${name}" of database "${database}" exists, but the share from ${one.spec.from} needs the name`,
        path,
        'rename the schema',
      );
    const { server, views } = one.spec.found;
    // Taken back is one that has been given away, beside what is the share's own.
    if (server && (server.wrapper !== WRAPPER || (server.owner !== 'operator' && views === null)))
      draft.error(
        'CT2005',
        `foreign server "${schema}" of database "${database}" is somebody else's (wrapper ${server.wrapper}, owner ${server.owner === 'operator' ? 'an operator' : `"${server.owner}"`}), but the share from ${one.spec.from} needs the name`,
        path,
        `rename it (ALTER SERVER ${ident(schema)} RENAME TO …); what others have on it goes on there`,
      );
    for (const { table, stuck, others } of workOn(schema, one.spec, one.spec.found)) {
      if (others !== undefined)
        draft.warn(
          'CT2026',
          `what "${others}" has put at ${schema}.${table} in "${database}" is left unchanged, and the share shows nothing there`,
          path,
          'move it to another schema (ALTER VIEW … SET SCHEMA), and run apply again',
        );
      if (stuck.length > 0)
        draft.warn(
          'CT2026',
          `the view ${schema}.${table} in "${database}" is left unchanged: ${stuck.join(', ')} would be dropped with it`,
          path,
          HINT,
        );
    }
    if (!facts.superuser && !one.spec.found.mappings.some(({ role }) => role === one.spec.holder)) logged.push(one.spec.login);
  }
  if (logged.length > 0)
    draft.warn(
      'CT2027',
      `the password of ${logged.join(', ')} is sent in clear text, and only a superuser can keep the statement out of the server’s log`,
      draft.input.path,
      'set log_statement to none, and log_min_duration_statement to -1, while apply runs',
    );
}

/** Schemas of others under the names that a share needs. Where the share stands already, its schemas were given away by hand. */
function taken({ address, spec }: Observed<ShareSpec>, { resources }: Observation): readonly string[] {
  const { found, holder, hidden } = spec;
  if (!found || found.server) return [];
  const [database, schema] = partOf(address.name);
  const own = resources.find((one) => isKind(one, 'schema') && one.address.name === partName(database, GUARD_SCHEMA));
  return [
    ...(found.views && found.views.owner !== holder ? [schema] : []),
    ...(found.hidden && found.hidden.owner !== holder ? [hidden] : []),
    ...(own && isKind(own, 'schema') && own.spec.owner !== 'operator' ? [GUARD_SCHEMA] : []),
  ];
}

/** The same for shares that are no longer wanted: they are closed, and what is left of them shows nothing. */
function judgeLeft(draft: Draft, observation: Observation): void {
  for (const one of observation.resources) {
    if (!isLeftShare(one) || one.spec.dependents.length === 0) continue;
    const [database] = partOf(one.address.name);
    const schemas = Object.keys(one.spec.schemas).join(', ');
    draft.warn(
      'CT2026',
      `a closed share leaves ${schemas} in "${database}": ${one.spec.dependents.join(', ')} would be dropped with it`,
      draft.input.path,
      HINT,
    );
  }
}
