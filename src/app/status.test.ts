import { expect, it } from 'vitest';
import { fc } from '../../test/support/properties.ts';
import { proofProject } from '../../test/support/proof.ts';
import { tempDir } from '../../test/support/temp-dir.ts';
import type { Engine, Session } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/index.ts';
import { fail } from '../model/index.ts';
import { statusProject } from './status.ts';
import type { Project } from './types.ts';

const names = ['one', 'two', 'three'] as const;
const source = `cotenant: 1
project: p
instances: { ${names.map((name) => `${name}: { engine: alpha }`).join(', ')} }
apps: { ${names.map((name) => `app_${name}: { uses: { ${name}: {} } }`).join(', ')} }
`;

/** Instances that answer, some of which lose the connection when they are asked for sizes. */
function losing(project: Project, lost: readonly string[]): Project {
  const withUsage = (instance: InstanceDecl): InstanceDecl => {
    const { name, engine } = instance;
    const connect: Engine['connect'] = async (...args) => {
      const session = await engine.connect(...args);
      const usage: Session['usage'] = async () => {
        await Promise.resolve();
        if (lost.includes(name)) throw fail('CT3004', `the connection to "${name}" was lost`, { instance: name });
        const row = { isolation: 'own', location: name, size: 7, connections: 1, connectionLimit: 5, state: 'ready' as const };
        return [{ app: `app_${name}`, instance: name, engine: engine.id, ...row }];
      };
      return { ...session, usage };
    };
    return { ...instance, engine: { ...engine, connect } };
  };
  return { ...project, manifest: { ...project.manifest, instances: project.manifest.instances.map(withUsage) } };
}

it('whichever connections are lost while sizes are read, the rows of the others stay, and each loss is told once', async () => {
  await using folder = await tempDir();
  const { project } = await proofProject(source, folder.path, {});
  await fc.assert(
    fc.asyncProperty(fc.subarray([...names]), async (lost) => {
      const { placements, diagnostics } = await statusProject(losing(project, lost));
      expect(placements.map(({ app, state, size }) => [app, state, size])).toEqual(
        names.map((name) => (lost.includes(name) ? [`app_${name}`, 'unknown', null] : [`app_${name}`, 'ready', 7])),
      );
      expect(diagnostics.map(({ code, instance }) => [code, instance])).toEqual(lost.map((name) => ['CT3004', name]));
    }),
  );
});
