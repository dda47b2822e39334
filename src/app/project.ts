import { dirname, join } from 'node:path';
import { engineIds, loadEngine } from '../engines/index.ts';
import { loadManifest, type Manifest, requireManifest } from '../manifest/index.ts';
import { type Diagnostic, DiagnosticError, hasErrors } from '../model/index.ts';
import { openSecretStore } from '../secrets/store.ts';
import { envCollisions } from './env-names.ts';
import type { OpenOptions, Project } from './types.ts';

/** Reads the manifest and everything that can be checked without a server. Throws a DiagnosticError with all that is wrong. */
export async function openProject(options: OpenOptions): Promise<Project> {
  const file = options.file ?? (await requireManifest(options.cwd));
  const read = await loadManifest(file, { env: options.env, loadEngine, engineIds });
  const { manifest, diagnostics } = read;
  const locate = (diagnostic: Diagnostic): Diagnostic => read.locate(diagnostic);
  if (!manifest) throw new DiagnosticError(diagnostics);
  const found = [...diagnostics, ...checkInstances(manifest)].map((diagnostic) => (diagnostic.location ? diagnostic : locate(diagnostic)));
  if (hasErrors(found)) throw new DiagnosticError(found);
  const secrets = await openSecretStore({
    file: join(dirname(manifest.file), '.cotenant', 'secrets.json'),
    project: manifest.project,
    env: options.env,
  });
  return {
    manifest,
    diagnostics: found,
    relaxations: manifest.instances.flatMap((instance) => instance.engine.compile(instance.input).relaxations),
    secrets,
    env: options.env,
    signal: options.signal ?? new AbortController().signal,
    locate,
  };
}

function checkInstances(manifest: Manifest): readonly Diagnostic[] {
  return [...manifest.instances.flatMap(({ engine, input }) => engine.compile(input).diagnostics), ...envCollisions(manifest)];
}
