import type { Diagnostic } from '../../../model/index.ts';
import type { Input } from '../compile/draft.ts';
import { note } from '../kinds/ledger.ts';
import type { LostEntry } from '../observe/owners.ts';

/** What the manifest does not name and the ledger has forgotten is nobody's, and would be left open without a word. */
export function toldOfLost(lost: readonly LostEntry[], { name: instance, project }: Input): readonly Diagnostic[] {
  return lost
    .filter(({ proven }) => !proven)
    .map(({ kind, name, app, project: stray }): Diagnostic => {
      const signs = kind === 'account' ? 'its password is the one that this project set' : `its name and its accounts are this project's`;
      const silence = kind === 'account' ? "; if it is somebody else's, list it under `known`" : '';
      return {
        code: 'CT2068',
        severity: 'warning',
        message: `${kind} "${name}" on "${instance}" ${stray === undefined ? 'is in no row of the ledger' : `is project "${stray}"’s by its row of the ledger, which has no such app,`} and by all signs was app "${app}"\u2019s (${signs}): it is left as it is, and nothing closes, restores or deletes it`,
        hint: `${note(kind, name, project, app).text} puts the row back (with the app's name, if it is another one), then run cotenant apply again${silence}`,
        instance,
        waits: app,
      };
    });
}
