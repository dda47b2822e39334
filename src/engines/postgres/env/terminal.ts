import { type ClientAbility, type ClientStart, type EnvVar, placementOf, tlsForApps } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { targetOf } from '../connect/connection.ts';
import { env } from './env.ts';
import { namesOf } from '../shares/shares.ts';
import { urlForm } from '../connect/url-form.ts';
import { urlVariables } from './urls.ts';

/** What libpq would take from this user's own environment, to another server or past what is said here. */
const ELSEWHERE = [
  'PGHOST PGHOSTADDR PGPORT PGDATABASE PGUSER PGPASSWORD PGPASSFILE PGSERVICE PGSERVICEFILE PGOPTIONS PGSSLMODE PGREQUIRESSL',
  'PGSSLCERT PGSSLKEY PGSSLROOTCERT PGSSLCRL PGSSLCRLDIR PGSSLNEGOTIATION PGGSSENCMODE PGKRBSRVNAME PGREQUIREAUTH PGTARGETSESSIONATTRS',
].flatMap((line) => line.split(' '));

export const client: ClientAbility<Config, Placement> = {
  start(input, { who, login, where }, context) {
    const variables = env(input, who, { ...context, prefix: null, ...(login === undefined ? {} : { login }) });
    const placed = where === undefined ? undefined : placementOf(input, where);
    if (variables === null || (where !== undefined && !placed)) return null;
    return startOf(variables, placed ? { PGDATABASE: namesOf(placed.app, placed.placement).database } : {});
  },
  async startAdmin(input, app, context) {
    const { host, port, user, password, database } = await targetOf(input.config, context);
    const placed = placementOf(input, app);
    const { ca: _, ...tls } = tlsForApps(input.config, urlForm, undefined, context.file);
    const at = { app, host, port, user, password, database: placed ? namesOf(app, placed.placement).database : database };
    return startOf(urlVariables({ ...at, ...tls }), {});
  },
};

function startOf(variables: readonly EnvVar[], more: Readonly<Record<string, string>>): ClientStart {
  const none = Object.fromEntries(ELSEWHERE.map((name) => [name, null]));
  const own = Object.fromEntries(variables.flatMap(({ name, value }) => (ELSEWHERE.includes(name) ? [[name, value]] : [])));
  return { programs: ['psql'], args: () => [], env: { ...none, ...own, ...more } };
}
