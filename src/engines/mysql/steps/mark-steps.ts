import type { StepDraft } from '../../../engine/index.ts';
import { type Context, step, WHOLE_SERVER } from './draft-steps.ts';
import { noteApplied } from '../kinds/ledger.ts';

/** Writes down for each app that all that was asked for is done. The last thing an apply does for it. */
export function markSteps(drafts: readonly StepDraft[], context: Context): readonly StepDraft[] {
  const { input, observation, hashes } = context;
  const known = new Map(observation.marks.filter((one) => one.retired === null).map((one) => [one.app, one.applied]));
  const ofApp = Map.groupBy(drafts, (draft) => draft.app ?? '');
  const shared = (ofApp.get('') ?? []).map(({ id }) => id);
  return [...hashes].flatMap(([app, applied]) => {
    if (known.get(app) === applied) return [];
    return [
      step({
        address: { engine: 'mysql', instance: input.name, kind: 'mark', name: app === '' ? WHOLE_SERVER : app },
        app: app === '' ? null : app,
        part: 'mark',
        action: 'run',
        title: app === '' ? 'record the revision of the server' : 'record the applied revision',
        facts: app === '' ? {} : { app },
        commands: [noteApplied(input.project, app, applied)],
        reverse: [],
        risk: 'safe',
        needs: [...(app === '' ? [] : (ofApp.get(app) ?? []).map(({ id }) => id)), ...shared],
      }),
    ];
  });
}
