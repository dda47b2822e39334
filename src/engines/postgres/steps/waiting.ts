import { addressOf, appOf, type Change } from '../../../engine/index.ts';
import { addressKey, type Diagnostic } from '../../../model/index.ts';
import { basisOf } from '../observe/basis.ts';
import { type Blocker, blockerInWords, relationsOf, remedyFor } from '../connect/blockers.ts';
import { partOf } from '../part-name.ts';
import { type Context, INSIDE } from './draft-steps.ts';

/** What this plan leaves as it is, because somebody holds it and does not let it go. */
export interface Waiting {
  /** Without what waits. */
  readonly changes: readonly Change[];
  /** Apps of which something waits; null: of what several share. */
  readonly apps: ReadonlySet<string | null>;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Of an app that is adopted nothing is begun but its roles that are not there yet: half adopted, its sessions would find what
 * they have lost. Of one that is ours already the tables alone wait, and what comes after them.
 */
export function waitingFor(changes: readonly Change[], context: Context): Waiting {
  const { observation } = context;
  const held = new Map(basisOf(observation).blocked.map(({ what, blockers }) => [what, blockers]));
  const stuck = changes.filter((change) => held.has(addressKey(addressOf(change))));
  if (stuck.length === 0) return { changes, apps: new Set(), diagnostics: [] };
  const complete = new Set(observation.marks.flatMap(({ app, applied, retired }) => (applied !== null && retired === null ? [app] : [])));
  const adopting = new Set(stuck.flatMap((change) => appOf(change) ?? []).filter((app) => !complete.has(app)));
  const stays = stuck.map((change) => staysWith(change, adopting));
  const waits = (change: Change): boolean => stays.some((one) => one(change));
  return {
    changes: changes.filter((change) => !waits(change)),
    apps: new Set(changes.filter(waits).map(appOf)),
    diagnostics: stuck.flatMap((change) =>
      (held.get(addressKey(addressOf(change))) ?? []).map((one) => said(appOf(change), adopting.has(appOf(change) ?? ''), one, context)),
    ),
  };
}

/** What waits with one that is held. */
function staysWith(stuck: Change, adopting: ReadonlySet<string>): (change: Change) => boolean {
  const { kind, name } = addressOf(stuck);
  const app = appOf(stuck);
  if (app !== null && adopting.has(app))
    return (change) => appOf(change) === app && !(change.observed === null && addressOf(change).kind === 'role');
  // Nothing is opened before its guard stands.
  if (kind === 'row-guard')
    return (change) => INSIDE.includes(addressOf(change).kind) && partOf(addressOf(change).name)[0] === partOf(name)[0];
  // A session that starts as the owner role finds what is there only when all of it has been handed over.
  return (change) =>
    change === stuck ||
    (appOf(change) === app && change.fields.some(({ field }) => field === 'setting role') && addressOf(change).kind === 'role');
}

function said(app: string | null, adopts: boolean, blocker: Blocker, { input }: Context): Diagnostic {
  const { database } = blocker;
  const whose = app === null ? 'what several apps share' : `app "${app}"`;
  return {
    code: 'CT2031',
    severity: 'warning',
    message: `${whose}: ${blockerInWords(blocker)} holds ${relationsOf(blocker)} of database "${database}" on "${input.name}"; ${adopts ? 'nothing of it is adopted' : 'what would be changed there is left as it is'}`,
    hint: `${remedyFor(blocker)}; then run the command again`,
    instance: input.name,
    waits: app ?? database,
  };
}
