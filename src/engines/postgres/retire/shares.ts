import { type Change, type StepDraft, addressOf, draftStep } from '../../../engine/index.ts';
import type { Observed, Command } from '../../../model/index.ts';
import { isAbout } from '../effective/named.ts';
import { GUARD_SCHEMA } from '../steps/guard.ts';
import { partOf } from '../part-name.ts';
import { readMark } from '../marks/mark.ts';
import { ident, qualified, roles } from '../quote.ts';
import { endRoles } from '../steps/sessions.ts';
import type { LeftShareSpec } from '../shares/spec.ts';
import { isKind, type RoleSpec } from '../spec.ts';
import { databaseOf, laneOf, SHARED } from '../connect/lanes.ts';

export function isLeftShare(one: Observed): one is Observed<LeftShareSpec> {
  return one.address.kind === 'left-share';
}

/** True for a role of a share: it goes with the share. */
export function isShareRole(one: Observed | null): one is Observed<RoleSpec> {
  return one !== null && isKind(one, 'role') && readMark(one.spec.mark)?.share !== undefined;
}

/**
 * Shares across databases that the manifest no longer has. The way is closed first: mapping, rights and login. Then the
 * views, foreign tables and the server go, which hold no data; where something was built on the views they stay, closed.
 * `before`: steps that take the login's rights as well.
 */
export function leftShareSteps(
  changes: readonly Change[],
  before: readonly StepDraft[],
  touched: (drafts: readonly StepDraft[]) => readonly StepDraft[],
): readonly StepDraft[] {
  const closing = touched(closingSteps(changes));
  const kept = new Set(
    changes.flatMap(({ observed }) =>
      observed && isLeftShare(observed) && observed.spec.dependents.length > 0 ? [observed.spec.holder] : [],
    ),
  );
  const extensions = changes.flatMap(({ desired, observed }) => (desired || !observed ? [] : extensionSteps(observed, closing)));
  const left = changes.filter(({ desired, observed }) => desired === null && isShareRole(observed) && !kept.has(observed.address.name));
  return [...closing, ...extensions, ...left.flatMap((change) => roleSteps(change, [...closing, ...before]))];
}

function closingSteps(changes: readonly Change[]): readonly StepDraft[] {
  return changes.flatMap(({ desired, observed }) => {
    if (desired || !observed || !isLeftShare(observed)) return [];
    const commands = closingStatements(observed.spec);
    if (commands.length === 0) return [];
    const [database] = partOf(observed.address.name);
    return [
      draftStep({
        address: observed.address,
        app: null,
        part: 'close',
        action: 'delete',
        title: 'close share that left the manifest',
        facts: { database, views: observed.spec.relations.length },
        commands: commands.map((text) => ({ text })),
        risk: 'access-reducing',
        needs: [],
        lane: laneOf(database),
        unit: `left:${observed.spec.holder}`,
      }),
    ];
  });
}

function closingStatements({ holder, servers, mappings, schemas, relations, dependents }: LeftShareSpec): readonly string[] {
  const unmapped = mappings.map((server) => `DROP USER MAPPING FOR ${ident(holder)} SERVER ${ident(server)}`);
  if (dependents.length > 0) {
    return [
      ...unmapped,
      ...Object.entries(schemas).flatMap(([name, guests]) =>
        guests.length > 0 ? [`REVOKE ALL ON SCHEMA ${ident(name)} FROM ${roles(guests)} CASCADE`] : [],
      ),
      ...relations.flatMap(([schema, name, , guests]) =>
        guests.length > 0 ? [`REVOKE ALL ON TABLE ${qualified(schema, name)} FROM ${roles(guests)} CASCADE`] : [],
      ),
    ];
  }
  const drop = (kind: string, word: string): readonly string[] =>
    relations.filter(([, , of]) => of === kind).map(([schema, name]) => `DROP ${word} ${qualified(schema, name)}`);
  return [
    ...drop('v', 'VIEW'),
    ...drop('f', 'FOREIGN TABLE'),
    ...unmapped,
    ...servers.map((server) => `DROP SERVER ${ident(server)}`),
    // What somebody else has put there keeps its schema, and the role that owns it.
    ...Object.keys(schemas).map((name) => `DROP SCHEMA ${ident(name)}`),
  ];
}

/** With the last share of a database goes what was installed for shares. */
function extensionSteps({ address }: Observed, closing: readonly StepDraft[]): readonly StepDraft[] {
  if (address.kind !== 'left-extension') return [];
  const [database, name] = partOf(address.name);
  const lane = laneOf(database);
  return [
    draftStep({
      address,
      app: null,
      part: 'drop',
      action: 'delete',
      title: 'remove unused extension',
      facts: { database, extension: name },
      commands: [{ text: `DROP EXTENSION ${ident(name)}` }, { text: `DROP SCHEMA ${ident(GUARD_SCHEMA)}` }],
      risk: 'access-reducing',
      needs: ids(closing.filter((one) => one.lane === lane)),
      lane,
      unit: `left-extension:${database}`,
    }),
  ];
}

/** A login loses what it has in each database, then both roles go. */
function roleSteps({ desired, observed }: Change, before: readonly StepDraft[]): readonly StepDraft[] {
  if (!isShareRole(observed)) return [];
  const name = observed.address.name;
  const base = { address: addressOf({ desired, observed, fields: [] }), app: null, risk: 'access-reducing' } as const;
  const login = readMark(observed.spec.mark)?.share === 'login';
  const holdings = observed.spec.holdings ?? [];
  const out: StepDraft[] = [];
  const facts = { role: name };
  const put = (part: string, title: string, commands: readonly Command[], lane: string, after: readonly string[]): void => {
    const action = part === 'drop' ? 'delete' : 'update';
    out.push(draftStep({ ...base, part, action, title, facts, commands, needs: after, lane, unit: null }));
  };
  if (login) {
    const closed = [{ text: `ALTER ROLE ${ident(name)} NOLOGIN` }, endRoles([name])];
    put('close', 'close login of a share', closed, SHARED, []);
    if (holdings.some((one) => one.owns)) return out;
    for (const { database } of holdings)
      put(`in ${database}`, 'revoke the privileges of a share', [{ text: `DROP OWNED BY ${ident(name)}` }], laneOf(database), ids(out));
  }
  const mine = before.filter((draft) => isAbout(draft, 'role', name));
  const places = new Set(holdings.map(({ database }) => database));
  const closed = before.filter(({ lane, address }) => address.kind === 'left-share' && (login || places.has(databaseOf(lane) ?? '')));
  put('drop', 'drop role of a share', [{ text: `DROP ROLE ${ident(name)}` }], SHARED, [
    ...new Set([...ids(out), ...ids(mine), ...ids(closed)]),
  ]);
  return out;
}

function ids(drafts: readonly StepDraft[]): readonly string[] {
  return drafts.map((draft) => draft.id);
}
