import { type Compiled, inClear, placementOf } from '../../../engine/index.ts';
import { oncePer } from '../../../util/once.ts';
import { Draft, type Input } from './draft.ts';
import { escapeGlob, startsWith } from '../glob.ts';
import { accessOf, loginsOf } from './logins.ts';
import { DEFAULT_USER, prefixTrouble, secretName } from '../names.ts';
import { isOperatorWord, operatorRights } from '../operators.ts';
import { channelPrefix, fixedDatabase, prefixOfApp } from './places.ts';
import { urlForm } from '../connect/url-form.ts';
import { RELAXATIONS } from './relaxations.ts';
import { byText } from '../../../util/text-order.ts';

type Placed = Input['placements'][number];

/** Everything that the manifest asks of one instance, checked as far as that goes without asking the server. An input is frozen: it is worked out once. */
export const compile = oncePer((input: Input): Compiled => compileAll(input));

function compileAll(input: Input): Compiled {
  const draft = new Draft(input);
  draft.tell(...inClear(input, urlForm));
  checkUsers(draft);
  checkPrefixes(draft);
  checkDatabases(draft);
  checkNeighbours(draft);
  for (const placed of input.placements) compileApp(draft, placed);
  for (const reader of input.readers) compileReader(draft, reader);
  for (const { from, to, via, path } of input.shares) {
    if (via === 'grant')
      draft.warn(
        'CT2018',
        `the share from ${from} to ${to} is not possible: keys are not tables`,
        path,
        'a reader sees all keys of an app',
      );
  }
  compileServer(draft);
  return draft.done();
}

function compileApp(draft: Draft, placed: Placed): void {
  const { app, placement, path } = placed;
  const { isolation } = placement;
  const prefix = prefixOfApp(placed);
  const channel = channelPrefix(placed);
  const trouble = isolation === 'instance' ? null : prefixTrouble(placement.prefix ?? app, placement.separator);
  if (trouble) draft.error(trouble.code, `app "${app}": ${trouble.why}`, path);
  const database = fixedDatabase(placed);
  const events = placement.keyspaceEvents && isolation === 'prefix' ? [startsWith(`__keyspace@${database ?? 0}__:${prefix}`)] : [];
  const patterns = placement.channels.map((pattern) => escapeGlob(channel) + pattern);
  const channels = isolation === 'instance' ? ['*'] : [...new Set([startsWith(channel), ...patterns, ...events])].sort();
  for (const [index, login] of loginsOf(placed).entries()) {
    const access = accessOf(login, placement);
    const reads = login.as === 'read';
    draft.add(
      'user',
      login.user,
      app,
      {
        access,
        keys: [reads ? `%R~${startsWith(prefix)}` : startsWith(prefix)],
        channels: reads ? [] : channels,
        relax: login.relax,
        database,
        unenforced: isolation === 'database' && placement.unenforced,
        prefix,
        secret: secretName(draft.input.name, login.user),
        adopt: placement.adopt,
      },
      path,
    );
    const whose = index === 0 ? '' : `logins.${login.name}.`;
    for (const name of login.relax) draft.relax(app, `${whose}relax.${name}`, RELAXATIONS[name].opens, [...path, 'relax', name]);
  }
  if (isolation === 'database' && placement.unenforced) {
    const opens = 'database numbers are not walls on a server without `db=` rules: data in other databases can be read and written';
    draft.relax(app, 'unenforced: true', opens, path);
  }
  checkFields(draft, placed);
}

function checkFields(draft: Draft, { app, placement, path }: Placed): void {
  const { isolation } = placement;
  if (isolation === 'prefix' && (placement.database ?? 0) !== 0) {
    const message = `app "${app}": apps at level prefix are in database 0, not in ${placement.database}`;
    draft.error('CT2046', message, [...path, 'database'], 'remove it; use `isolation: database` for a separate database');
  }
  const idle: readonly (readonly [field: string, isIdle: boolean])[] = [
    ['prefix', isolation === 'instance' && placement.prefix !== undefined],
    ['database', isolation === 'instance' && placement.database !== undefined],
    ['unenforced', isolation !== 'database' && placement.unenforced],
    ['channels', isolation === 'instance' && placement.channels.length > 0],
    ['keyspaceEvents', isolation !== 'prefix' && placement.keyspaceEvents],
    ['relax', isolation === 'instance' && Object.values(placement.relax).some(Boolean)],
  ];
  for (const [field, isIdle] of idle) {
    if (isIdle) draft.warn('CT2020', `app "${app}": ${field} has no effect at level ${isolation}`, [...path, field]);
  }
}

function compileReader(draft: Draft, reader: Input['readers'][number]): void {
  const read = reader.reads.flatMap((app) => placementOf(draft.input, app) ?? []);
  for (const { app, placement } of read) {
    if (placement.isolation !== 'prefix') {
      draft.error('CT2017', `reader "${reader.name}" cannot read app "${app}", which is at level ${placement.isolation}`, reader.path);
    }
  }
  if (reader.connections !== null)
    draft.warn(
      'CT2020',
      `reader "${reader.name}": connections has no effect, because this server has no limits for single users`,
      reader.path,
    );
  if (read.length === 0) return;
  draft.add(
    'user',
    reader.name,
    reader.name,
    {
      access: 'reader',
      keys: [...new Set(read.map((one) => `%R~${startsWith(prefixOfApp(one))}`))].sort(),
      channels: [],
      relax: [],
      database: 0,
      unenforced: false,
      prefix: '',
      secret: secretName(draft.input.name, reader.name),
      adopt: false,
    },
    reader.path,
  );
}

function compileServer(draft: Draft): void {
  const { config, path } = draft.input;
  const isKnown = draft.input.known.some(({ user }) => user === DEFAULT_USER);
  if (config.defaultUser === 'close' && !isKnown) draft.add('default-user', DEFAULT_USER, null, { closed: true }, path);
  else if (!isKnown)
    draft.relax(null, 'defaultUser: keep', 'a client that does not log in is the user `default`, with all of its privileges', path);
  if (config.eviction === 'allow') draft.relax(null, 'eviction: allow', 'an app that writes a lot evicts the keys of others', path);
  for (const one of draft.input.operators) {
    const may = one.may.filter(isOperatorWord);
    draft.add('operator', one.name, null, { may }, one.path);
    draft.relax(
      null,
      `operators: ${one.name}`,
      `the operator's login "${one.name}" ${may.map((word) => operatorRights[word]).join('; ')}`,
      one.path,
    );
  }
  for (const { user, why, path: at } of draft.input.known)
    draft.relax(null, `known: ${user}`, `the user "${user}" keeps its access: ${why}`, at);
  if (config.unsavedAcl) draft.relax(null, 'unsavedAcl: true', 'a restart of the server loses every user and every wall', path);
}

function checkUsers(draft: Draft): void {
  const { placements, readers, operators, known } = draft.input;
  for (const placed of placements) {
    for (const [index, { user, name }] of loginsOf(placed).entries())
      draft.claim(user, index === 0 ? `app "${placed.app}"` : `login "${name}" of app "${placed.app}"`, placed.path);
  }
  for (const { name, path } of readers) draft.claim(name, `reader "${name}"`, path);
  for (const { name, path } of operators) draft.claim(name, `operator "${name}"`, path, { there: true });
  for (const { user, path } of known) draft.claim(user, `known login "${user}"`, path, { there: true });
}

/** A prefix that another one begins with holds the other's keys. Sorted, such two are neighbours. */
function checkPrefixes(draft: Draft): void {
  const all = draft.input.placements
    .filter(({ placement }) => placement.isolation !== 'instance')
    .map((placed) => ({ app: placed.app, prefix: channelPrefix(placed), path: placed.path }))
    .sort((a, b) => byText(a.prefix, b.prefix));
  const open: (typeof all)[number][] = [];
  for (const one of all) {
    while (open.length > 0 && !one.prefix.startsWith(open.at(-1)?.prefix ?? '')) open.pop();
    const outer = open.at(-1);
    if (outer)
      draft.error(
        'CT2001',
        `the prefix "${one.prefix}" of app "${one.app}" lies inside "${outer.prefix}" of app "${outer.app}" on "${draft.input.name}"`,
        one.path,
        'set a different prefix for one of them',
      );
    open.push(one);
  }
}

function checkDatabases(draft: Draft): void {
  const claims = new Map<number, string>();
  for (const { app, placement, path } of draft.input.placements) {
    if (placement.isolation !== 'database' || placement.database === undefined) continue;
    const first = claims.get(placement.database);
    if (first !== undefined)
      draft.error('CT2001', `app "${app}" and app "${first}" both claim database ${placement.database} on "${draft.input.name}"`, path);
    claims.set(placement.database, first ?? app);
  }
  for (const { app, placement, path } of draft.input.placements) {
    const other = placement.isolation === 'prefix' ? claims.get(0) : undefined;
    if (other !== undefined)
      draft.error('CT2001', `app "${app}" has its keys in database 0, which app "${other}" has to itself on "${draft.input.name}"`, path);
  }
}

/** Who reaches everything can have no company: nothing would be a wall to it. */
function checkNeighbours(draft: Draft): void {
  const { placements, readers, name } = draft.input;
  const alone = placements.find(({ placement }) => placement.isolation === 'instance');
  if (alone && placements.length + readers.length > 1) {
    const message = `app "${alone.app}" needs "${name}" for itself, but ${placements.length + readers.length - 1} more are placed there`;
    draft.error('CT2001', message, alone.path, 'place it on a separate instance, or use another level');
  }
  const housed = placements.find(({ placement }) => placement.isolation === 'database');
  for (const { app, placement, path } of placements) {
    if (!housed || placement.isolation === 'instance' || loginsOf({ app, placement }).every(({ relax }) => !relax.includes('select')))
      continue;
    const message = `app "${app}" may select any database of "${name}", also the one that app "${housed.app}" has to itself`;
    draft.error('CT2040', message, [...path, 'relax', 'select'], 'take `relax.select` away, or give one of them another instance');
  }
  const open = placements.find(({ placement }) => placement.isolation === 'database' && placement.unenforced);
  for (const { app, placement, path } of placements) {
    if (open && !(placement.isolation === 'database' && placement.unenforced)) {
      const message = `app "${open.app}" is \`unenforced\` on "${name}", so nothing protects its neighbour "${app}" from it`;
      draft.error('CT2040', message, path, 'place unenforced apps on a separate instance');
    }
  }
}
