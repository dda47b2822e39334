import { dirname, join } from 'node:path';
import { engineIds, loadEngine } from '../engines/index.ts';
import { loadManifest, type Manifest, requireManifest } from '../manifest/index.ts';
import { type Diagnostic, DiagnosticError, hasErrors } from '../model/index.ts';
import { openSecretStore, type SecretStore } from '../secrets/store.ts';
import { envMapTrouble } from './env-map.ts';
import { envCollisions } from './env-names.ts';
import { localServers, withAddresses } from './own.ts';
import type { OpenOptions, Project } from './types.ts';

/** Reads the manifest and everything that can be checked without a server. Throws a DiagnosticError with all that is wrong. */
export async function openProject(options: OpenOptions): Promise<Project> {
  const file = options.file ?? (await requireManifest(options.cwd));
  const read = await loadManifest(file, { env: options.env, loadEngine, engineIds });
  const { diagnostics } = read;
  const locate = (diagnostic: Diagnostic): Diagnostic => read.locate(diagnostic);
  if (!read.manifest) throw new DiagnosticError(diagnostics);
  const own = localServers(read.manifest, options.env);
  const manifest = withAddresses(read.manifest, own);
  const found = [...diagnostics, ...checkInstances(manifest)].map((diagnostic) => (diagnostic.location ? diagnostic : locate(diagnostic)));
  if (hasErrors(found)) throw new DiagnosticError(found);
  const secrets = await openStore(manifest, options.env);
  return {
    manifest,
    diagnostics: found,
    relaxations: manifest.instances.flatMap((instance) => instance.engine.compile(instance.input).relaxations),
    secrets,
    own,
    env: options.env,
    signal: options.signal ?? new AbortController().signal,
    locate,
  };
}

/** The secret store beside the manifest, as it is now. */
export async function openStore({ file, project }: Manifest, env: OpenOptions['env']): Promise<SecretStore> {
  return await openSecretStore({ file: join(dirname(file), '.cotenant', 'secrets.json'), project, env });
}

function checkInstances(manifest: Manifest): readonly Diagnostic[] {
  const compiled = manifest.instances.flatMap(({ engine, input }) => engine.compile(input).diagnostics);
  return [...compiled, ...envCollisions(manifest), ...envMapTrouble(manifest)];
}
