import type { StepDraft } from '../../engine/index.ts';
import { compile } from './compile.ts';
import { type Context, SHARED, step } from './draft-steps.ts';
import { writeMark } from './mark.ts';
import { ident, literal } from './quote.ts';
import { isKind } from './spec.ts';

/** Writes down, on the first role of each app, that all that was asked for is done. The last thing an apply does for an app. */
export function markSteps(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const { input, observation, hashes } = context;
  const anchors = new Map<string, string>();
  for (const one of compile(input).resources) {
    if (one.app !== null && isKind(one, 'role') && !anchors.has(one.app)) anchors.set(one.app, one.address.name);
  }
  const shared = drafts
    .filter((draft) => draft.app === null && draft.address.kind !== 'perimeter' && draft.address.kind !== 'sessions')
    .map((draft) => draft.id);
  const out: StepDraft[] = [];
  for (const [app, hash] of hashes) {
    const anchor = anchors.get(app);
    const mark = observation.marks.find((one) => one.app === app && one.retired === null);
    if (anchor === undefined || mark?.applied === hash) continue;
    const after = [...drafts.filter((draft) => draft.app === app).map((draft) => draft.id), ...shared];
    const text = writeMark({ project: input.project, app, applied: hash });
    const address = { engine: 'postgres', instance: input.name, kind: 'mark', name: app };
    out.push(
      step({
        address,
        app,
        part: 'mark',
        action: 'run',
        title: 'note that the app is complete',
        facts: { app },
        statements: [{ text: `COMMENT ON ROLE ${ident(anchor)} IS ${literal(text)}` }],
        reverse: [],
        risk: 'safe',
        after,
        lane: SHARED,
        unit: `mark:${app}`,
      }),
    );
  }
  return out;
}
