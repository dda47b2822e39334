import type { Path } from '../../../model/index.ts';
import type { Draft } from './draft.ts';
import { opensOf } from '../service/words.ts';

/** What a managed service keeps is open, by name. What is an app's is never the service's. */
export function compileService(draft: Draft, maintenance: readonly string[]): void {
  const { input } = draft;
  const { keeps = [], databases = [], roles = [] } = input.config.service ?? {};
  const at = (field: string, index: number): Path => [...input.path, 'service', field, index];
  for (const [index, word] of [...new Set(keeps)].entries()) draft.relax(null, `service keeps ${word}`, opensOf(word), at('keeps', index));
  for (const [what, names, opens] of [
    ['database', databases, 'every login can connect to it'],
    ['role', roles, 'what it holds, its members have: that is the affair of the service'],
  ] as const) {
    for (const [index, name] of [...new Set(names)].entries()) {
      const by = draft.claimedBy(what, name);
      if (by !== null || (what === 'database' && maintenance.includes(name)))
        draft.error(
          'CT2052',
          `service.${what}s names "${name}", ${by === null ? 'of which `keeps: [maintenance-database]` speaks' : `which belongs to ${by}`}`,
          at(`${what}s`, index),
          'remove it from `service`',
        );
      draft.relax(null, `service ${what} ${name}`, opens, at(`${what}s`, index));
    }
  }
}
