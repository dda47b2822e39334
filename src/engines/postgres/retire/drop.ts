import { type StepDraft, draftStep } from '../../../engine/index.ts';
import type { Loss, Command } from '../../../model/index.ts';
import type { Context } from '../steps/draft-steps.ts';
import { leavingApps } from './leaving.ts';
import { hangingQuery, lockQuery, othersQuery } from '../queries/remains.ts';
import { ident, literal, roles } from '../quote.ts';
import { remainsOf } from '../observe/basis.ts';
import type { Remains } from './remains-spec.ts';
import { obstacles } from './judge.ts';
import { endHolders, heldOf, holderLosses } from './hold.ts';
import { Bereaved } from './losses.ts';
import { Orphaned } from './drop-losses.ts';
import { dependentApps, inOrder } from './order.ts';
import { kindOfRetired, retiredOfApp } from './retired-spec.ts';
import { rowParts } from './workspace-rows.ts';
import { endRoles } from '../steps/sessions.ts';
import { laneOf, SHARED } from '../connect/lanes.ts';

/** With `removal: delete`: a second, confirmed act that ends the data of apps that were retired before. */
export function dropSteps(context: Context): readonly StepDraft[] {
  const { marks, resources } = context.observation;
  const { gone, retired } = leavingApps(context.input, marks, resources);
  const leaving = [...gone, ...retired];
  // One on which an app hangs that is only being retired now waits for the delete of that one.
  const isFree = (app: string): boolean => !gone.some((other) => dependentApps(app, context).has(other));
  const doomed = retired.filter((app) => isFree(app) && obstacles(app, leaving, context).length === 0);
  const out: StepDraft[] = [];
  // What depends on another app that goes as well is dropped before that one.
  for (const app of inOrder(doomed, context)) out.push(...dropApp(app, doomed, out, context));
  return out;
}

function dropApp(app: string, doomed: readonly string[], before: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const mine = retiredOfApp(app, context);
  const own = mine.filter((one) => kindOfRetired(one)[0] === 'role').map((one) => kindOfRetired(one)[1]);
  const remains = remainsOf(app, context.observation);
  const held = heldOf(app, context);
  const others = dependentApps(app, context);
  const first = before.filter((draft) => draft.app !== null && draft.app !== app && others.has(draft.app) && doomed.includes(draft.app));
  const out: StepDraft[] = [];
  const put = (part: Part): void => {
    if (part.commands.length === 0) return;
    out.push(
      draftStep({
        ...part,
        app,
        part: 'drop',
        action: 'delete',
        risk: 'destructive',
        confirm: app,
        needs: [...first, ...out].map(({ id }) => id),
      }),
    );
  };
  for (const one of remains) for (const part of partsOf(one, own, context)) put(part);
  for (const part of rowParts(app, new Bereaved(app, [], new Set(own), context), context)) put(part);
  const [role] = mine.filter((one) => kindOfRetired(one)[0] === 'role');
  if (role)
    put({
      address: role.address,
      title: 'drop roles',
      facts: { app, name: role.spec.was, retired: role.spec.day, roles: own.length },
      // Rights on what all databases share, as on the databases.
      commands: [
        ...(held?.sharing ?? []).map((name) => ({ text: `DROP OWNED BY ${ident(name)} RESTRICT` })),
        ...own.map((name) => ({ text: `DROP ROLE ${ident(name)}` })),
      ],
      losses: new Orphaned(new Set(own), context).shared(held),
      lane: SHARED,
      unit: `drop:${app}`,
    });
  return out;
}

/** What ends the app's data in one database. */
function partsOf(spec: Remains, own: readonly string[], context: Context): readonly Part[] {
  const { app, database } = spec;
  const address = { engine: 'postgres', instance: context.input.name, kind: 'remains', name: `${database}/${app}` };
  const lane = laneOf(database);
  const facts = factsOf(app, spec);
  const bereaved = new Bereaved(app, [], new Set(own), context);
  const passedOn = spec.passedOn.flatMap(([who, what]) => bereaved.without(database, [who], `${what} (an app that goes gave it)`));
  if (!spec.whole) {
    const owns = spec.owners.length > 0;
    const title = owns ? 'drop everything of the app in the database' : 'revoke the privileges of its roles in the database';
    return [
      {
        address,
        title,
        facts: owns ? facts : { app, database },
        commands: dropOwned(own, spec),
        losses: [...passedOn, ...new Orphaned(new Set(own), context).in(spec)],
        lane,
        unit: `drop:${app}`,
      },
    ];
  }
  const retired = retiredOfApp(app, context).find((one) => one.address.name === `database/${database}`);
  if (!retired) return [];
  return [
    {
      address,
      title: 'check for objects of others',
      facts: { app, database },
      commands: guard([...own, ...spec.shares], true),
      lane,
      unit: null,
    },
    {
      address: retired.address,
      title: 'drop database and everything in it',
      facts: { ...facts, name: retired.spec.was, retired: retired.spec.day },
      commands: dropDatabase(app, database, own, context),
      losses: [
        ...passedOn,
        ...bereaved.renamed(database, [], 'dropped'),
        ...holderLosses(app, database, null, `its sessions in database "${database}", which is dropped`, context),
      ],
      lane: SHARED,
      unit: null,
    },
  ];
}

interface Part {
  readonly address: StepDraft['address'];
  readonly title: string;
  readonly facts: StepDraft['facts'];
  readonly commands: readonly Command[];
  readonly losses?: readonly Loss[];
  readonly lane: string;
  readonly unit: string | null;
}

/** What will be gone, counted. */
function factsOf(app: string, { database, schemas, tables, rows, estimated, size, largeObjects }: Remains): StepDraft['facts'] {
  return {
    app,
    database,
    schemas: schemas.length === 0 ? 'none' : schemas.join(', '),
    tables,
    [estimated ? 'rows (estimate)' : 'rows']: rows,
    size,
    ...(largeObjects > 0 ? { 'large objects': largeObjects } : {}),
  };
}

/**
 * Everything that the app's roles own here, in one deletion: without CASCADE the server refuses where something of others
 * depends on it, whenever that was made. What it would drop without a word, as partitions, is looked for first.
 */
function dropOwned(own: readonly string[], { owners, holders, before }: Remains): readonly Command[] {
  const [heir, ...rest] = owners;
  const drop = (role: string): Command => ({ text: `DROP OWNED BY ${ident(role)} RESTRICT` });
  return [
    ...(heir === undefined ? [] : guard(own, false)),
    ...before.map((text) => ({ text })),
    // One by one: with several the server looks for default privileges that it has just removed.
    ...holders.map(drop),
    ...(heir === undefined || rest.length === 0 ? [] : [{ text: `REASSIGN OWNED BY ${roles(rest)} TO ${ident(heir)}` }]),
    ...owners.map(drop),
  ];
}

/** Fails where there is something of others that would go, as it is at that moment. */
function guard(own: readonly string[], whole: boolean): readonly Command[] {
  const what = whole
    ? `SELECT o.* FROM (${othersQuery(own)}) o (what, owner)`
    : `SELECT h.what, h.owner FROM (${hangingQuery(own)}) h (what, owner, of)`;
  const lock = whole
    ? ''
    : `FOR found IN ${lockQuery(own)} LOOP EXECUTE pg_catalog.format('LOCK TABLE ONLY %s IN ACCESS EXCLUSIVE MODE', found); END LOOP; `;
  const body = `DECLARE found text; BEGIN ${lock}SELECT pg_catalog.string_agg(x.what || ' (' || x.owner || ')', ', ') INTO found FROM (${what}) x; IF found IS NOT NULL THEN RAISE EXCEPTION USING ERRCODE = '2BP01', MESSAGE = 'cotenant: something of others would go: ' || found; END IF; END`;
  return [{ text: `DO ${literal(body)}` }];
}

/** Without FORCE: somebody who has come since the plan is not thrown out. */
function dropDatabase(app: string, database: string, own: readonly string[], context: Context): readonly Command[] {
  return [
    ...(heldOf(app, context)?.templates.includes(database) ? [{ text: `ALTER DATABASE ${ident(database)} IS_TEMPLATE false` }] : []),
    ...(own.length > 0 ? [endRoles(own)] : []),
    ...endHolders(app, database, context),
    { text: `DROP DATABASE ${ident(database)}` },
  ];
}
