import { dirname, join } from 'node:path';
import { engineIds, loadEngine } from '../engines/index.ts';
import { loadManifest, type Manifest, manifestBeside, parseManifest, requireManifest } from '../manifest/index.ts';
import type { ManifestResult } from '../manifest/types.ts';
import { type Diagnostic, DiagnosticError, hasErrors } from '../model/index.ts';
import { openSecretStore, type SecretStore } from '../secrets/store.ts';
import { envMapTrouble } from './env-map.ts';
import { envCollisions } from './env-names.ts';
import { localServers, withAddresses } from './own.ts';
import { recipeWarnings } from './recipes.ts';
import type { OpenOptions, Project } from './types.ts';

/** Reads the manifest and everything that can be checked without a server. Throws a DiagnosticError with all that is wrong. */
export async function openProject(options: OpenOptions): Promise<Project> {
  const { manifest, diagnostics: found, own, locate } = await checkManifest(options);
  const secrets = await openStore(manifest, options.env);
  return {
    manifest,
    diagnostics: found,
    relaxations: manifest.instances.flatMap((instance) => instance.engine.compile(instance.input).relaxations),
    secrets,
    own,
    env: options.env,
    signal: options.signal ?? new AbortController().signal,
    ...(options.progress ? { progress: options.progress } : {}),
    locate,
  };
}

export { findManifest } from '../manifest/index.ts';

/** What the manifest says, with its warnings. */
export type Checked = Pick<Project, 'manifest' | 'diagnostics' | 'own' | 'locate'>;

/** Reads the manifest and makes every check that needs neither a server nor a secret. Throws a DiagnosticError with all that is wrong. */
export async function checkManifest(options: OpenOptions): Promise<Checked> {
  const { read, beside } = await readManifest(options);
  const diagnostics = [...beside, ...read.diagnostics];
  const locate = (diagnostic: Diagnostic): Diagnostic => read.locate(diagnostic);
  if (!read.manifest) throw new DiagnosticError(diagnostics);
  const own = localServers(read.manifest, options.env);
  const manifest = withAddresses(read.manifest, own);
  const found = [...diagnostics, ...checkInstances(manifest), ...(await recipeWarnings(manifest))].map((diagnostic) =>
    diagnostic.location ? diagnostic : locate(diagnostic),
  );
  if (hasErrors(found)) throw new DiagnosticError(found);
  return { manifest, diagnostics: found, own, locate };
}

/** The manifest as it was named or found, and what is to be said of what lies beside it. */
async function readManifest(options: OpenOptions): Promise<{ readonly read: ManifestResult; readonly beside: readonly Diagnostic[] }> {
  const { cwd, file, source, env } = options;
  const parsing = { env, loadEngine, engineIds };
  if (source !== undefined) {
    const called = file === undefined || file === '-' ? join(cwd, STDIN) : file;
    return { read: await parseManifest(source, { ...parsing, file: called }), beside: [] };
  }
  if (file !== undefined) return { read: await loadManifest(file, parsing), beside: [] };
  const found = await requireManifest(cwd);
  const beside = await manifestBeside(found);
  return { read: await loadManifest(found, parsing), beside: beside === null ? [] : [beside] };
}

/** What messages call a manifest that came from standard input. */
const STDIN = '(stdin)';

/** The secret store beside the manifest, as it is now. */
export async function openStore({ file, project }: Manifest, env: OpenOptions['env']): Promise<SecretStore> {
  return await openSecretStore({ file: join(dirname(file), '.cotenant', 'secrets.json'), project, env });
}

function checkInstances(manifest: Manifest): readonly Diagnostic[] {
  const compiled = manifest.instances.flatMap(({ engine, input }) => engine.compile(input).diagnostics);
  return [...compiled, ...envCollisions(manifest), ...envMapTrouble(manifest)];
}
