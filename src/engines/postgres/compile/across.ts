import { tlsMode } from '../../../engine/index.ts';
import { plainRole, secretName } from './roles.ts';
import type { Draft } from './draft.ts';
import { GUARD_SCHEMA } from '../steps/guard.ts';
import { partName } from '../part-name.ts';
import { writeMark } from '../marks/mark.ts';
import { urlForm } from '../connect/url-form.ts';
import { type Across, EXTENSION, namesOf, type Pair, SHARE_CONNECTIONS } from '../shares/shares.ts';

/** Settings of the login through which the server reads another database of its own. */
const SETTINGS = { default_transaction_read_only: 'on', idle_in_transaction_session_timeout: '10min', temp_file_limit: '2GB' } as const;

/** What leads from one database to another: a login that reads the tables, and views of them where they are read. */
export function addAcross(draft: Draft, pair: Pair, across: Across, prepared: Set<string>): void {
  const { source, target, path, from, to } = pair;
  const by = `the share from ${from} to ${to}`;
  const { project, name, config } = draft.input;
  if (draft.claim('role', across.login, by, path))
    draft.add(
      'role',
      across.login,
      null,
      plainRole('login', writeMark({ project, app: null, share: 'login' }), {
        login: true,
        connectionLimit: SHARE_CONNECTIONS,
        settings: SETTINGS,
        password: 'verified',
        secret: secretName(name, across.login),
      }),
      path,
    );
  if (draft.claim('role', across.holder, by, path))
    draft.add('role', across.holder, null, plainRole('holder', writeMark({ project, app: null, share: 'holder' })), path);
  if (!prepared.has(target.database)) prepare(draft, pair);
  prepared.add(target.database);
  const views = draft.claim('schema', partName(target.database, across.schema), by, path, across.schema);
  const hidden = draft.claim('schema', partName(target.database, across.hidden), by, path, across.hidden);
  if (!views || !hidden) return;
  const { host, port } = config.loopback;
  const sslmode = (tlsMode(config, urlForm) ?? 'disable') === 'disable' ? undefined : 'require';
  draft.add(
    'share',
    partName(target.database, across.schema),
    to,
    {
      from,
      database: source.database,
      schema: source.schema,
      tables: pair.tables,
      login: across.login,
      secret: secretName(name, across.login),
      holder: across.holder,
      hidden: across.hidden,
      reader: pair.reader,
      options: {
        ...(host === undefined ? {} : { host }),
        ...(port === undefined ? {} : { port: String(port) }),
        ...(sslmode === undefined ? {} : { sslmode }),
      },
    },
    path,
  );
}

/** Once for each database: the extension, where no app can call what it brings. */
function prepare(draft: Draft, { target, to, path }: Pair): void {
  const here = draft.input.placements.filter((one) => namesOf(one.app, one.placement).database === target.database);
  const app = here.length === 1 && here[0]?.placement.isolation === 'database' ? to : null;
  draft.add('schema', partName(target.database, GUARD_SCHEMA), app, { owner: 'operator', acl: {} }, path);
  if (here.some((one) => one.placement.extensions.includes(EXTENSION))) return;
  const spec = { schema: GUARD_SCHEMA, installed: true, installable: true, requires: [] };
  draft.add('extension', partName(target.database, EXTENSION), app, spec, path);
}
