import { plainRole } from '../../src/engines/postgres/compile/roles.ts';
import { defaultKey } from '../../src/engines/postgres/observe/default-key.ts';
import { partName } from '../../src/engines/postgres/part-name.ts';
import { ident, qualified } from '../../src/engines/postgres/quote.ts';
import type { RetiredSpec } from '../../src/engines/postgres/retire/retired-spec.ts';
import { isKind, type ObjectClass } from '../../src/engines/postgres/spec.ts';
import type { Observed, Resource } from '../../src/model/index.ts';

/** What a server could have in the place of a desired resource, with everything about it wrong and every name hostile. */
export function spoiled(one: Resource, a: string, b: string): Observed {
  const { address, app } = one;
  const seen = (spec: unknown): Observed => ({ address, app, spec, owned: true });
  const acl = { [a]: 'rU*C*c*T*', [b]: 'X' };
  if (isKind(one, 'role')) {
    const spec = {
      ...one.spec,
      login: !one.spec.login,
      inherit: false,
      superuser: true,
      createRole: true,
      createDatabase: true,
      replication: true,
      bypassRls: true,
      connectionLimit: 7,
      validUntil: '2030-01-01',
      memberOf: { [a]: 'admin,inherit,set', ...Object.fromEntries(Object.keys(one.spec.memberOf).map((group) => [group, 'admin,set'])) },
      settings: { [`${a}/search_path`]: ident(b), 'app.other': b, search_path: ident(a) },
      outsiders: [a, b],
      parameters: ['log_statement=s', 'app.other=A'],
      password: 'other' as const,
      grantors: { [a]: [b] },
      mark: b,
    };
    return seen(spec);
  }
  if (isKind(one, 'database'))
    return seen({
      ...one.spec,
      owner: a,
      connectionLimit: 1,
      template: true,
      acl,
      settings: { search_path: ident(a), 'app.other': b },
      mark: a,
    });
  if (isKind(one, 'perimeter'))
    return seen({
      ...one.spec,
      publicDatabase: 'Tc',
      publicSchema: 'CU',
      ours: { database: acl, schema: acl },
      parameters: ['app.other=s'],
    });
  if (isKind(one, 'schema')) return seen({ owner: a, acl });
  if (isKind(one, 'extension')) return seen({ ...one.spec, installed: false });
  if (isKind(one, 'default-privileges')) {
    const entries = Object.fromEntries(
      ['table', 'schema', 'large object'].map((type) => [defaultKey({ creator: a, schema: type === 'table' ? b : '', type }), acl]),
    );
    return seen({ entries });
  }
  if (isKind(one, 'objects')) return seen({ ...one.spec, classes: classes(a, b) });
  if (isKind(one, 'row-guard')) {
    const tables = [{ name: a, kind: 'table' as const, hasColumn: true, enabled: false, forced: false, policies: { cotenant_guard: b } }];
    const strangers = [
      { part: 'table' as const, grantee: a },
      { part: 'schema' as const, grantee: '' },
    ];
    return seen({
      ...one.spec,
      workspaces: { [a]: b },
      tables,
      broken: ['schema', 'function'],
      present: ['schema', 'table', 'function'],
      strangers,
    });
  }
  return seen({ publicExecute: true, open: ['pg_try_advisory_lock(bigint)'] });
}

function classes(a: string, b: string): readonly ObjectClass[] {
  const base = { schema: a, owner: b, acl: { [a]: 'r*w', '': 'r' }, linked: false, definer: false, guarded: true };
  const type = `${qualified(a, b)}(${qualified(b, a)}, integer)`;
  return [
    { ...base, type: 'schema', names: [ident(a)], word: 'SCHEMA' },
    { ...base, type: 'table', names: [qualified(a, b), qualified(b, a)], word: 'TABLE' },
    { ...base, type: 'view', names: [qualified(a, b)], word: 'MATERIALIZED VIEW' },
    { ...base, type: 'sequence', names: [qualified(a, b)], word: 'SEQUENCE' },
    { ...base, type: 'function', names: [type], word: 'FUNCTION' },
    { ...base, type: 'type', acl: null, names: [qualified(a, b)], word: 'DOMAIN' },
    { ...base, type: 'column', names: [qualified(a, b)], word: ident(b) },
  ];
}

/** Things of an app that the manifest does not have. */
export function leftovers(instance: string, app: string, a: string, b: string): readonly Observed[] {
  const address = (kind: string, name: string) => ({ engine: 'postgres', instance, kind, name });
  const retired: RetiredSpec = { was: a, day: '2026-01-01', login: false, role: null, guests: [a, b, ''], connecting: [b] };
  const opened = plainRole('login', 'none', { login: true, outsiders: [a], memberOf: { [a]: 'inherit,set' }, password: 'other' });
  const mark = `cotenant ${JSON.stringify({ project: 'p', app })}`;
  return [
    { address: address('stray-schema', partName(a, b)), app, spec: { owner: b, guests: [a, b] }, owned: true },
    { address: address('retired', `schema/${partName(b, a)}`), app: 'before', spec: retired, owned: true },
    { address: address('retired', `database/${a}`), app: 'before', spec: retired, owned: true },
    { address: address('retired', `role/${b}`), app: 'before', spec: { ...retired, was: b, role: opened }, owned: true },
    {
      address: address('database', `${a}!`),
      app,
      spec: { owner: 'operator', connectionLimit: 1, acl: {}, settings: {}, mark },
      owned: true,
    },
  ];
}
