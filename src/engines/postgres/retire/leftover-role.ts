import { appOf, type Change, draftStep, type StepDraft } from '../../../engine/index.ts';
import { type Context, factsOf, nameOf } from '../steps/draft-steps.ts';
import { kindOf } from '../kinds/index.ts';
import { marked } from '../marks/mark.ts';
import { ident, literal } from '../quote.ts';
import { isShareRole } from './shares.ts';
import { isKind } from '../spec.ts';
import { SHARED } from '../connect/lanes.ts';

/** A role of an app that is still in the manifest under other names, or of a shared database without apps: it keeps nothing but its existence. */
export function leftoverRole(change: Change, context: Context, revokes: StepDraft[]): void {
  const app = appOf(change);
  // Where it serves several apps (null), what it may do waits for the next one; only its login is closed.
  const inUse =
    app === null || context.input.placements.some((one) => one.app === app) || context.input.readers.some((one) => one.name === app);
  if (!change.observed || !inUse || isShareRole(change.observed) || !isKind(change.observed, 'role')) return;
  const kind = kindOf('role');
  const spec = change.observed.spec;
  const closed = { ...spec, login: false, ...(app === null ? {} : { memberOf: {}, outsiders: [] }) };
  const statements = kind?.statements(nameOf(change), spec, closed, factsOf(context));
  if (!statements || statements.revokes.length === 0) return;
  // What was applied while it was in use is no longer so.
  const forget = app === null ? [] : [{ text: `COMMENT ON ROLE ${ident(nameOf(change))} IS ${literal(marked(spec.text, spec.mark))}` }];
  revokes.push(
    draftStep({
      address: change.observed.address,
      app,
      part: 'take',
      action: 'update',
      title: 'close unused role',
      facts: { role: nameOf(change) },
      commands: [...statements.revokes, ...forget],
      risk: 'access-reducing',
      needs: [],
      lane: SHARED,
      unit: `tighten:${app ?? ''}`,
    }),
  );
}
