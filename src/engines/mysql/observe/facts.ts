import { z } from 'zod';
import type { Observation, ServerFacts } from '../../../engine/index.ts';
import { oncePer } from '../../../util/once.ts';
import { accountKey, type Catalog } from './catalog.ts';
import type { Plugin } from '../connect/password-hash.ts';

const factsSchema = z.object({
  flavor: z.enum(['mysql', 'mariadb']),
  version: z.number(),
  /** As the server writes it. */
  release: z.string(),
  /** The login of the operator, `root@127.0.0.1`, and its privileges. */
  admin: z.string(),
  adminMay: z.array(z.string()).readonly(),
  literalNames: z.boolean(),
  maxConnections: z.number(),
  lowerCaseNames: z.number(),
  /** Nobody but an administrator can make a trigger or a function. */
  routinesRefused: z.boolean(),
  /** What the server runs in every session but an administrator's. */
  initConnect: z.string(),
  /** Targets of shares that are not there (yet). */
  missing: z.array(z.string()).readonly(),
});

/** What the server is and what its admin may do, from the observation. */
export interface Facts extends Omit<z.infer<typeof factsSchema>, 'missing'> {
  /** How new accounts prove themselves. */
  readonly plugin: Plugin;
  readonly missing: ReadonlySet<string>;
}

export const factsOf = oncePer((server: Observation['server']): Facts => {
  const facts = factsSchema.parse(server);
  const plugin = facts.flavor === 'mariadb' ? 'mysql_native_password' : 'caching_sha2_password';
  return { ...facts, plugin, missing: new Set(facts.missing) };
});

/** As an observation carries them. `missing`: targets of shares that are not there. */
export function factsIn({ server, accounts }: Catalog, missing: readonly string[]): ServerFacts {
  const { flavor, version, release, admin, literalNames, variables } = server;
  const account = accounts.find((one) => accountKey(one) === admin);
  return {
    flavor,
    version,
    release,
    admin,
    adminMay: Object.values(account?.grants ?? {}).flatMap((words) => words.split(', ')),
    literalNames,
    maxConnections: Number(variables.get('max_connections') ?? 0),
    lowerCaseNames: Number(variables.get('lower_case_table_names') ?? 0),
    routinesRefused: variables.get('log_bin') === 'ON' && variables.get('log_bin_trust_function_creators') === 'OFF',
    initConnect: variables.get('init_connect') ?? '',
    missing: [...missing].sort(),
    doubts: doubtsOf(variables),
  };
}

/** Server variables that weaken the walls, as they stand. */
function doubtsOf(variables: ReadonlyMap<string, string>): Readonly<Record<string, string>> {
  const names = [
    'local_infile',
    'secure_file_priv',
    'skip_name_resolve',
    'have_symlink',
    'skip_grant_tables',
    'mandatory_roles',
    'sql_mode',
  ];
  return Object.fromEntries(names.flatMap((name) => (variables.has(name) ? [[name, variables.get(name) ?? '']] : [])));
}
