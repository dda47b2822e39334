import { type Depth, hashesOf, type Observation, type SecretSource } from '../../../engine/index.ts';
import type { Diagnostic, Foreign, Observed, Resource } from '../../../model/index.ts';
import { Basis } from './basis.ts';
import { compile } from '../compile/compile.ts';
import { toldOfCopiedRoles } from '../marks/copied-roles.ts';
import { toldOfUnproven } from '../marks/unproven.ts';
import { toldOfCopies } from '../marks/copies.ts';
import { once } from '../../../util/once.ts';
import type { Progress } from '../../../util/progress.ts';
import type { Connection } from '../connect/connection.ts';
import type { Input } from '../compile/draft.ts';
import { weakVerifiers } from '../judge/logins.ts';
import { toldOfLost } from '../judge/lost-words.ts';
import { type ExtensionTarget, offeredExtensions } from './extensions.ts';
import { observeAdopted } from './adopted.ts';
import { observeByOwnership } from './by-ownership.ts';
import { observeAgain } from './again.ts';
import { carriedIn } from './carriers.ts';
import { completeShares } from './foreign.ts';
import { type Found, DatabaseReader } from './database-reader.ts';
import { observeRemains } from './remains.ts';
import { leftShares } from './left.ts';
import { linksHere } from './links.ts';
import { takesFromAll, takesSomething } from './taking.ts';
import { observeOperators } from './operators.ts';
import { readShared, serverFacts, sharedResources } from './shared.ts';
import { People } from '../effective/people.ts';
import { marksOf, Owners } from '../judge/owners.ts';
import { ADMISSIONS, type AdmissionRow } from '../queries/admission.ts';
import type { SharedRows } from '../queries/shared.ts';
import { serviceFacts } from '../service/service.ts';
import { serviceOf } from '../judge/service.ts';

/** What the first tier tells all about. */
const SHARED_KINDS: readonly string[] = ['role', 'database', 'perimeter', 'operator'];

export interface ObserveContext {
  readonly depth: Depth;
  readonly progress?: Progress | undefined;
  readonly input: Input;
  readonly secrets: SecretSource;
  readonly shared: Connection;
  readonly open: (database: string) => Promise<Connection>;
}

/** Two tiers: the shared catalogs in one round trip, then every database of ours in one round trip each. */
export async function observe(context: ObserveContext): Promise<Observation> {
  const desired = compile(context.input).resources;
  if (context.depth === 'shared')
    return await observeAgain(context, async (secrets) => {
      const rows = await readShared(context.shared, { ...context, desired, secrets });
      const { owners: _, ...told } = await tell({ ...context, secrets }, rows, desired);
      return { ...told, kinds: SHARED_KINDS };
    });
  const rows = await readShared(context.shared, { ...context, desired });
  const databases = new DatabaseReader(context, rows, desired);
  const told = await databases.meanwhile(async () => {
    const first = await tell(context, rows, desired);
    const left = await leftShares(context.shared, context.input, desired, first.resources);
    const named = await observeAdopted({ ...context, desired, owners: first.owners });
    const byOwnership = await observeByOwnership(context.open, rows, desired);
    return { ...first, left, named, byOwnership };
  });
  const { resources, diagnostics, marks, foreign, server, owners, named, byOwnership } = told;
  const deep = await databases.rest();
  for (const { found, languages, database, diagnostics: more } of deep) {
    for (const one of found) resources.push(one);
    diagnostics.push(...more);
    if (languages.length > 0) diagnostics.push(languageWarning(context.input.name, database, languages));
  }
  resources.push(...(await offeredExtensions(context.shared, desired, resources, targetsByDatabase(deep))));
  let unread: readonly string[] = [];
  const links = once(async () => {
    const found = await linksHere(context, rows);
    ({ unread } = found);
    return found.links;
  });
  const leaving = await observeRemains(context, rows, { marks, resources, links });
  const basis = new Basis({ ...leaving, blocked: deep.flatMap(({ blocked }) => blocked) });
  const goes = resources.some(({ address }) => address.kind === 'stray-schema');
  const outside = takesFromAll(resources, context.input.config);
  const hanging =
    goes || outside.length > 0 || takesSomething(desired, resources, server)
      ? {
          links: await links(),
          admissions:
            rows.readable[0]?.[0] === true ? ((await context.shared.rows(ADMISSIONS))[0] as unknown as readonly AdmissionRow[]) : null,
          ...(await carriedIn(
            context,
            deep.map(({ database }) => database),
            outside,
          )),
        }
      : { unread: [] };
  diagnostics.push(...unreadPlaces(context.input, [...new Set([...unread, ...hanging.unread])]));
  const facts = new People(rows, owners.accepted, { named, byOwnership, ...hanging });
  const sources = new Map(deep.map((one) => [one.database, one.shared]));
  return { marks, foreign, server, diagnostics, facts, basis, resources: completeShares(resources, desired, sources) };
}

function targetsByDatabase(deep: readonly Found[]): ReadonlyMap<string, ExtensionTarget> {
  return new Map(deep.flatMap(({ database, extensions }) => (extensions ? [[database, extensions] as const] : [])));
}

/** What the shared catalogs tell. */
async function tell(context: ObserveContext, rows: SharedRows, desired: readonly Resource[]) {
  const { input } = context;
  const kept = serviceFacts(rows, desired);
  const server = {
    ...serverFacts(rows, desired),
    ...(context.shared.standby ? { standby: true } : {}),
    ...(kept === null ? {} : { service: kept }),
  };
  const owners = new Owners(input, rows, desired);
  const resources: Observed[] = [...(await sharedResources(context, rows, owners, desired)), ...observeOperators(rows, desired)];
  const diagnostics: Diagnostic[] = [
    ...weakVerifiers(input.name, rows, desired),
    ...toldOfCopies(rows, input),
    ...toldOfCopiedRoles(rows.copied, rows, input.name, desired),
    ...toldOfUnproven(rows.unproven, input.name, rows.server[0]?.[0] ?? ''),
    ...toldOfLost(rows, input, desired),
  ];
  const marks = marksOf(rows, input.project, hashesOf(desired, input));
  return {
    marks,
    foreign: foreignOf(input, rows, owners, desired),
    server,
    diagnostics,
    resources,
    owners,
    facts: new People(rows, owners.accepted),
  };
}

/** CT2076: a loss may depend on it, and the plan cannot say so. What the managed service keeps is not asked for. */
function unreadPlaces({ name: instance, config }: Input, unread: readonly string[]): readonly Diagnostic[] {
  const kept = serviceOf(config).databases.map((database) => `database "${database}" `);
  const told = unread.filter((one) => !kept.some((start) => one.startsWith(start)));
  if (told.length === 0) return [];
  return [
    {
      code: 'CT2076',
      severity: 'warning',
      message: `whether something leads to "${instance}" from there, or runs there as somebody who loses rights, could not be read, so "Who loses what" says nothing of it: ${told.join('; ')}`,
      hint: 'let the admin connect to it, or look by hand who comes in by its foreign servers, user mappings and subscriptions, and whose functions and keys are there',
      instance,
    },
  ];
}

function languageWarning(instance: string, database: string, languages: readonly string[]): Diagnostic {
  return {
    code: 'CT2013',
    severity: 'warning',
    message: `database "${database}" offers the procedural language${languages.length > 1 ? 's' : ''} ${languages.join(', ')} to every login`,
    hint: 'drop the language, or keep the server at its latest minor release: past flaws in these languages gave the server away',
    instance,
  };
}

/** Roles and databases that nobody here made. */
function foreignOf(
  input: Input,
  rows: SharedRows,
  owners: Owners,
  desired: readonly { address: { kind: string; name: string } }[],
): readonly Foreign[] {
  const wanted = new Set(desired.map(({ address }) => `${address.kind}/${address.name}`));
  const foreign: Foreign[] = [];
  const address = (kind: string, name: string) => ({ engine: 'postgres', instance: input.name, kind, name });
  for (const [name, , , , , , allows, template, acl] of rows.databases) {
    if (template || name === 'postgres' || wanted.has(`database/${name}`) || owners.database(name)) continue;
    const open = allows && (acl === null || acl.some((item) => /^=[^/]*c/.test(item)));
    foreign.push({ address: address('database', name), ...(open ? { note: 'every login can connect to it' } : {}) });
  }
  for (const [name, , , superuser] of rows.roles) {
    if (!superuser && !wanted.has(`role/${name}`) && !owners.role(name)) foreign.push({ address: address('role', name) });
  }
  return foreign;
}
