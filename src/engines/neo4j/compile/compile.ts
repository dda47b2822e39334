import { type Compiled, inClear } from '../../../engine/index.ts';
import { oncePer } from '../../../util/once.ts';
import { urlForm } from '../connect/url-form.ts';
import { secretName } from '../names.ts';
import { Draft, type Input, userOf } from './draft.ts';

/** Everything that the manifest asks of one instance, checked as far as that goes without asking the server. An input is frozen: it is worked out once. */
export const compile = oncePer((input: Input): Compiled => compileAll(input));

const OPENS = 'every user of Neo4j Community is an administrator: this app may read settings, change users and end sessions of this server';

function compileAll(input: Input): Compiled {
  const draft = new Draft(input);
  draft.tell(...inClear(input, urlForm));
  checkEdition(draft);
  checkAlone(draft);
  checkUsers(draft);
  for (const { app, placement, path } of input.placements) {
    const user = userOf({ app, placement });
    draft.add('user', user, app, { secret: secretName(input.name, user), adopt: placement.adopt }, path);
    draft.relax(app, 'edition: community', OPENS, path);
  }
  for (const { name, path } of input.readers)
    draft.error('CT2017', `reader "${name}" cannot read on "${input.name}": no user of Neo4j Community can be kept from writing`, path);
  for (const { from, to, via, path } of input.shares)
    if (via === 'grant') draft.warn('CT2018', `the share from ${from} to ${to} is not possible: a graph has no tables to grant`, path);
  for (const { name, path } of input.operators)
    draft.relax(null, `operators: ${name}`, `the operator's login "${name}" is an administrator, as every user is`, path);
  for (const { user, why, path } of input.known)
    draft.relax(null, `known: ${user}`, `the user "${user}" keeps its access, which is everything: ${why}`, path);
  for (const one of input.config.procedures)
    draft.relax(null, `procedures: ${one}`, `procedures whose names begin with ${one} run with what the server may do`, [
      ...input.path,
      'procedures',
    ]);
  checkTls(draft);
  return draft.done();
}

function checkEdition(draft: Draft): void {
  const { config, name, path } = draft.input;
  if (config.edition !== 'enterprise') return;
  const message = `"${name}" is to be Neo4j Enterprise, whose databases and roles this version of cotenant does not build: they are not verified yet`;
  draft.error('CT2081', message, [...path, 'edition'], 'use Community with one app on each instance');
}

/** One database, and everybody an administrator: a second app would have all of the first one. */
function checkAlone(draft: Draft): void {
  const { placements, name } = draft.input;
  const [first, ...more] = placements;
  if (!first) return;
  for (const { app, path } of more) {
    const message = `app "${app}" cannot be on "${name}" beside app "${first.app}" (${first.path.join('.')}): Neo4j Community has one database, and each of its users is an administrator`;
    const hint = `give "${app}" an instance of its own (another entry under \`instances\`, which \`cotenant up\` starts where it has no \`url\`)`;
    draft.error('CT2080', message, path, hint);
  }
}

function checkUsers(draft: Draft): void {
  const { placements, operators, known } = draft.input;
  for (const placed of placements) draft.claim(userOf(placed), `app "${placed.app}"`, placed.path);
  for (const { name, path } of operators) draft.claim(name, `operator "${name}"`, path, { there: true });
  for (const { user, path } of known) draft.claim(user, `known login "${user}"`, path, { there: true });
}

/** The driver takes authorities as files, and this version gives it no certificate of its own. */
function checkTls(draft: Draft): void {
  const { config, path } = draft.input;
  const { ca, cert } = config.tls ?? {};
  if (cert !== undefined)
    draft.error('CT2085', 'cotenant does not log in to Neo4j with a certificate yet', [...path, 'tls', 'cert'], 'remove `cert` and `key`');
  if (ca !== undefined && !('file' in ca))
    draft.error('CT2085', 'the authorities for Neo4j have to be a file', [...path, 'tls', 'ca'], 'write `ca: { file: PATH }`');
}
