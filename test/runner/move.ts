import { join } from 'node:path';
import type { Act } from '../../src/app/act.ts';
import { assemble } from '../../src/app/plan.ts';
import { run } from '../../src/app/run.ts';
import { isTrouble } from '../../src/app/sessions.ts';
import type { Project, RunEvent } from '../../src/app/types.ts';
import { parseManifest } from '../../src/manifest/parse.ts';
import { DiagnosticError, type Step } from '../../src/model/index.ts';
import { openSecretStore } from '../../src/secrets/store.ts';
import { held } from '../support/ordered.ts';
import { type Content, folderEngine, folderStep } from './folder-engine.ts';

/** Two places, `old` and `new`, in a folder that has a sub-folder for each. */
export async function folderProject(folder: string, signal = new AbortController().signal): Promise<Project> {
  const source = `cotenant: 1
project: toy
instances:
  old: { engine: folder, path: ${join(folder, 'old')} }
  new: { engine: folder, path: ${join(folder, 'new')} }
apps:
  shop: { uses: { old: {} } }
  blog: { uses: {} }
`;
  const file = join(folder, 'cotenant.yaml');
  const loaded = await parseManifest(source, {
    file,
    env: {},
    engineIds: ['folder'],
    loadEngine: async () => Promise.resolve(folderEngine),
  });
  if (!loaded.manifest) throw new DiagnosticError(loaded.diagnostics);
  const secrets = await openSecretStore({ file: join(folder, '.cotenant', 'secrets.json'), project: 'toy', env: {} });
  const { manifest, diagnostics, locate } = loaded;
  return { manifest, diagnostics, relaxations: [], secrets, own: new Map(), env: {}, signal, locate };
}

/** Moves shop from `old` to `new`: copy, publish, and only then retire. What is true already is not planned again. */
const plan: Act['plan'] = (project, looked, missed, options) => {
  const frame = assemble(project, looked, missed, options);
  const has = (instance: string, app: string): boolean =>
    looked.some(
      ({ reached, observation }) => reached.instance.name === instance && !isTrouble(observation) && app in (observation.facts as Content),
    );
  const step = (name: string, part: string, more: Parameters<typeof folderStep>[3]): Step => folderStep({ name }, 'shop', part, more);
  const copy = has('new', 'shop')
    ? []
    : [
        step('old', 'export', { makes: 'shop', commands: [{ op: 'export', text: 'export shop', args: ['shop', 'shop'] }] }),
        step('new', 'import', { takes: ['shop'], commands: [{ op: 'import', text: 'import shop', args: ['shop__coming', 'shop'] }] }),
        step('new', 'publish', {
          needs: ['new/shop#import'],
          follows: 'new/shop#import',
          commands: [{ op: 'publish', text: 'publish shop', args: ['shop__coming', 'shop'] }],
        }),
      ];
  const retire = has('old', 'shop')
    ? [
        step('old', 'retire', {
          ...(copy.length > 0 ? { needs: ['new/shop#publish'], follows: 'new/shop#publish' } : {}),
          touches: [{ engine: 'folder', instance: 'new', kind: 'folder', name: 'shop' }],
          commands: [{ op: 'retire', text: 'retire shop', args: ['shop', 'shop__gone'] }],
        }),
      ]
    : [];
  return held({ ...frame, plan: { ...frame.plan, steps: [...copy, ...retire], diagnostics: [] } });
};

export function move(project: Project): AsyncGenerator<RunEvent> {
  const intent = { verb: 'move', app: 'shop', args: { to: 'new' } };
  return run(project, { intent, locks: 'instance', plan }, { consent: async () => Promise.resolve(true) });
}
