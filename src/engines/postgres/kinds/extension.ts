import { field, sql } from '../../../engine/index.ts';
import { partOf } from '../part-name.ts';
import { ident, roles } from '../quote.ts';
import type { ExtensionSpec } from '../spec.ts';
import type { Kind } from './kind.ts';

/** Installed by the operator, from the manifest's list and nothing else. An extension that is there already stays where it is. */
export const extension: Kind<ExtensionSpec> = {
  reversible: false,
  diff: (desired, observed) =>
    desired.installed === observed.installed ? [] : [field('installed', observed.installed, desired.installed)],
  statements(name, from, to) {
    const [, plain] = partOf(name);
    const it = ident(plain);
    // Its control file says where it lies.
    if (from !== null && from.schema !== null) {
      const users = from.schema === 'pg_catalog' || from.schema === 'public' ? [] : (to.users ?? []);
      const opened = users.length === 0 ? [] : [sql(`GRANT USAGE ON SCHEMA ${ident(from.schema)} TO ${roles(users)}`)];
      return { grants: [sql(`CREATE EXTENSION IF NOT EXISTS ${it}`), ...opened], revokes: [] };
    }
    if (to.schema === null || from?.apart !== true)
      return {
        grants: [sql(`CREATE EXTENSION IF NOT EXISTS ${it}${to.schema === null ? '' : ` SCHEMA ${ident(to.schema)}`}`)],
        revokes: [],
      };
    return {
      grants: [
        sql(`CREATE SCHEMA ${APART}`),
        sql(`CREATE EXTENSION ${it} SCHEMA ${APART}`),
        sql(`ALTER EXTENSION ${it} SET SCHEMA ${ident(to.schema)}`),
        sql(`DROP SCHEMA ${APART}`),
      ],
      revokes: [],
    };
  },
};

/** Where a script runs that would otherwise run, as a superuser, among functions of an app. */
const APART = ident('cotenant_extension');
