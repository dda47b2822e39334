import { isDeepStrictEqual } from 'node:util';
import { type StepDraft, draftStep } from '../../../engine/index.ts';
import { compile } from '../compile/compile.ts';
import type { Context } from './draft-steps.ts';
import { loginsOf } from '../compile/logins.ts';
import { type Mark, marked, writeMark } from '../marks/mark.ts';
import { usualRoles } from '../names.ts';
import { ident, literal } from '../quote.ts';
import { waitedFor, waitingOf } from '../shares/waits.ts';
import { namesOf } from '../shares/shares.ts';
import { isKind } from '../spec.ts';
import { SHARED } from '../connect/lanes.ts';
import { append } from '../../../util/append.ts';

/**
 * Writes down, on two roles of each app, that all that was asked for is done. The last thing an apply does for an app. `waiting`:
 * apps that this plan leaves without something.
 */
export function markSteps(drafts: readonly StepDraft[], waiting: ReadonlySet<string | null>, context: Context): readonly StepDraft[] {
  const { input, observation, hashes } = context;
  const known = new Map(observation.marks.filter((one) => one.retired === null).map((one) => [one.app, one.applied]));
  const shared = drafts
    .filter((draft) => draft.app === null && !['perimeter', 'sessions', 'ledger'].includes(draft.address.kind))
    .map((draft) => draft.id);
  const out: StepDraft[] = [];
  const named = anchorsOf(context);
  const unusual = unusualRoles(context);
  const ofApp = Map.groupBy(drafts, (draft) => draft.app);
  const unmarked = unmarkedRoles(drafts);
  const texts = new Map(observation.resources.flatMap((one) => (isKind(one, 'role') ? [[one.address.name, one.spec.text] as const] : [])));
  for (const [app, anchors] of named) {
    const applied = hashes.get(app);
    const waits = waitingOf(app, context);
    const waited = isDeepStrictEqual(waits, waitedFor(app, context));
    const done = known.get(app) === applied && waited && !anchors.some((role) => unmarked.has(role));
    if (applied === undefined || done || waiting.has(app)) continue;
    // A table that it was waited for has come, or one is waited for again: nobody changed what is managed.
    const follows = known.get(app) === applied && !waited;
    const roles = unusual.get(app) ?? [];
    const mark: Mark = {
      project: input.project,
      app,
      applied,
      ...(roles.length > 0 ? { roles } : {}),
      ...(waits.length > 0 ? { waits } : {}),
    };
    out.push(
      draftStep({
        address: { engine: 'postgres', instance: input.name, kind: 'mark', name: app },
        app,
        part: 'mark',
        action: 'run',
        title: 'record the applied revision',
        facts: { app },
        commands: anchors.map((role) => ({
          text: `COMMENT ON ROLE ${ident(role)} IS ${literal(marked(texts.get(role), writeMark(mark)))}`,
        })),
        reverse: [],
        risk: 'safe',
        ...(follows ? { cause: 'intended' } : {}),
        needs: [...(ofApp.get(app) ?? []).map((draft) => draft.id), ...shared],
        lane: SHARED,
        unit: `mark:${app}`,
      }),
    );
  }
  return out;
}

/** Two roles of each app that it has whatever logins the manifest gives it; of a reader its two logins. */
function anchorsOf({ input }: Context): ReadonlyMap<string, readonly string[]> {
  const roles = new Map<string, string[]>();
  for (const one of compile(input).resources) {
    if (one.app !== null && isKind(one, 'role')) append(roles, one.app, one.address.name);
  }
  const placed = new Map(input.placements.map(({ app, placement }) => [app, placement]));
  return new Map(
    [...roles].map(([app, names]) => {
      const placement = placed.get(app);
      const [live, standby] = placement ? loginsOf(app, placement)[0].slots : [names[0] ?? '', names.at(-1) ?? ''];
      const first = placement && placement.isolation !== 'rows' ? namesOf(app, placement).owner : live;
      return [app, [...new Set([first, standby])]];
    }),
  );
}

/** Roles of each app whose names do not follow from the app's. */
function unusualRoles({ input }: Context): ReadonlyMap<string, readonly string[]> {
  const own = compile(input).resources.flatMap((one) =>
    one.app !== null && isKind(one, 'role') ? [[one.app, one.address.name] as const] : [],
  );
  return new Map(
    [...Map.groupBy(own, ([app]) => app)].map(([app, all]) => {
      const usual = usualRoles(app);
      return [
        app,
        all
          .map(([, name]) => name)
          .filter((name) => !usual.includes(name))
          .sort(),
      ];
    }),
  );
}

/** Roles to which this plan gives a comment without what an apply writes at its end. */
function unmarkedRoles(drafts: readonly StepDraft[]): ReadonlySet<string> {
  return new Set(
    drafts
      .filter(
        ({ address, action, fields }) => address.kind === 'role' && (action === 'create' || fields.some(({ field }) => field === 'mark')),
      )
      .map(({ address }) => address.name),
  );
}
