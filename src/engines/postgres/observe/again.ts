import type { Observation, SecretSource } from '../../../engine/index.ts';
import type { SecretRef } from '../../../model/index.ts';
import type { Connection } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { CATALOG } from '../queries/database.ts';

interface Known {
  readonly digest: string;
  /** What was asked of the secret store, and what it said. */
  readonly questions: readonly Question[];
  readonly answers: readonly (string | null)[];
  readonly observation: Observation;
}

type Question = readonly [how: 'peek' | 'derived' | 'staged', ref: SecretRef];

const known = new WeakMap<Input, Known>();

/**
 * For who asks again and again, as a monitor does: where the shared catalogs and the secrets are what they were, so is the
 * answer, the very same object. The server boils the catalogs down to a few digests, which takes far less than reading them.
 */
export async function observeAgain(
  context: { readonly input: Input; readonly shared: Connection; readonly secrets: SecretSource },
  look: (secrets: SecretSource) => Promise<Observation>,
): Promise<Observation> {
  const { input, shared, secrets } = context;
  const answersTo = (questions: readonly Question[]) => questions.map((one) => answerTo(secrets, one));
  // Before the look: what changes in between makes the next digest another one.
  const digest = await digestOf(shared);
  const before = known.get(input);
  if (before?.digest === digest && answersTo(before.questions).every((answer, index) => answer === before.answers[index]))
    return before.observation;
  const questions: Question[] = [];
  const asked =
    (how: 'peek' | 'derived') =>
    (ref: SecretRef): string | null => {
      questions.push([how, ref]);
      return secrets[how](ref);
    };
  const observation = await look({
    ensure: (ref) => secrets.ensure(ref),
    setDerived: (ref, derived) => secrets.setDerived(ref, derived),
    peek: asked('peek'),
    derived: asked('derived'),
    staged: (ref) => {
      questions.push(['staged', ref]);
      return secrets.staged(ref);
    },
  });
  // Asked once more: what was derived only now is known the next time.
  known.set(input, { digest, questions, answers: answersTo(questions), observation });
  return observation;
}

function answerTo(secrets: SecretSource, [how, ref]: Question): string | null {
  if (how !== 'staged') return secrets[how](ref);
  const staged = secrets.staged(ref);
  return staged && `${staged.value} ${staged.derived ?? ''}`;
}

async function digestOf(connection: Connection): Promise<string> {
  const [rows] = await connection.rows(digestQuery(connection.version, connection.superuser));
  return JSON.stringify(rows);
}

/** One row over all that `queries/shared.ts` reads. */
function digestQuery(version: number, superuser: boolean): string {
  const sum = (from: string, order: string): string =>
    `(SELECT encode(sha256(convert_to(string_agg(x::text, E'\\n' ORDER BY ${order}), 'UTF8')), 'hex') FROM ${from} x)`;
  const databases =
    '(SELECT oid, datname, datdba, encoding, datcollate, datconnlimit, datallowconn, datistemplate, datacl FROM pg_database)';
  const settings = [
    'max_connections',
    'superuser_reserved_connections',
    'server_version',
    'password_encryption',
    'port',
    'listen_addresses',
  ];
  return `SELECT ${[
    sum(superuser ? 'pg_authid' : 'pg_roles', 'x.oid'),
    sum('pg_auth_members', 'x.roleid, x.member, x.grantor'),
    sum('pg_db_role_setting', 'x.setdatabase, x.setrole'),
    sum(databases, 'x.oid'),
    sum(
      `(SELECT objoid, classoid, description FROM pg_shdescription WHERE classoid = ANY ('{${CATALOG.pg_authid},${CATALOG.pg_database}}'))`,
      'x.classoid, x.objoid',
    ),
    version >= 150000 ? sum('pg_parameter_acl', 'x.oid') : `''`,
    `(SELECT concat_ws('|', oid, nspowner, nspacl) FROM pg_namespace WHERE nspname = 'public')`,
    // Settings that extensions bring come with a start of the server.
    `concat_ws('|', current_user, pg_postmaster_start_time(), ${[...settings, ...(version >= 160000 ? ['reserved_connections'] : [])].map((name) => `current_setting('${name}')`).join(', ')})`,
  ].join(', ')}`;
}
