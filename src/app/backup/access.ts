import { readFile } from 'node:fs/promises';
import { delimiter, dirname, resolve } from 'node:path';
import { Repository, type RepositoryAccess } from '../../backup/repository.ts';
import { fail } from '../../model/index.ts';
import { resolveSecretInput, type SecretInputContext } from '../../secrets/input.ts';
import { errorCode } from '../../util/system.ts';
import type { Project } from '../types.ts';

/** What restic may find of this process's environment: what its makers document for its backends. */
const PASSED =
  /^(PATH|HOME|TMPDIR|TZ|XDG_CACHE_HOME|SSH_AUTH_SOCK|SSL_CERT_FILE|SSL_CERT_DIR|(HTTPS?|NO|ALL)_PROXY|(https?|no|all)_proxy|(AWS|AZURE|B2|GOOGLE|OS|ST|RCLONE|RESTIC)_\w+)$/;
/** Of these, what is said in another way. */
const OWN = /^RESTIC_(REPOSITORY|PASSWORD)(_\w+)?$/;

/** The repository of a project. Throws CT4310 where the manifest and the environment name none, or no password, and CT4311. */
export async function repositoryOf(project: Project): Promise<Repository> {
  return await Repository.open(await accessOf(project));
}

/** Whether the manifest or the environment names one. */
export function hasRepository({ manifest, env }: Project): boolean {
  return manifest.backup?.repository !== undefined || (env['RESTIC_REPOSITORY'] ?? '') !== '';
}

async function accessOf({ manifest, env }: Project): Promise<RepositoryAccess> {
  const { repository, password, credentials = {}, timezone } = manifest.backup ?? {};
  const context: SecretInputContext = { env, baseDir: dirname(manifest.file) };
  const at =
    typeof repository === 'object' ? await resolveSecretInput(repository, context) : (repository ?? env['RESTIC_REPOSITORY'] ?? '');
  if (at === '') {
    throw fail('CT4310', 'no repository for backups is named', {
      path: ['backup'],
      hint: 'add `backup: { repository: ./backups, password: { env: RESTIC_PASSWORD } }` to the manifest, or set RESTIC_REPOSITORY',
    });
  }
  const word = password ? await resolveSecretInput(password, context) : await passwordOf(env);
  if (word === '')
    throw fail('CT4310', 'the repository for backups has no password', {
      path: ['backup'],
      hint: 'set RESTIC_PASSWORD or RESTIC_PASSWORD_FILE, or `password` of `backup`',
    });
  const passed = Object.entries(env).flatMap(([name, value]) =>
    value !== undefined && PASSED.test(name) && !OWN.test(name) ? [[name, value] as const] : [],
  );
  const own = await Promise.all(
    Object.entries(credentials).map(async ([name, input]) => [name, await resolveSecretInput(input, context)] as const),
  );
  return {
    at: placeOf(at, dirname(manifest.file)),
    password: word,
    env: { ...Object.fromEntries([...passed, ...own]), ...(timezone === undefined ? {} : { TZ: timezone }) },
    programs: foldersOf(env),
  };
}

async function passwordOf(env: Project['env']): Promise<string> {
  if (env['RESTIC_PASSWORD'] !== undefined) return env['RESTIC_PASSWORD'];
  const file = env['RESTIC_PASSWORD_FILE'];
  if (file === undefined) return '';
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    const code = errorCode(error);
    if (code === '') throw error;
    throw fail('CT4310', `RESTIC_PASSWORD_FILE names ${file}, which cannot be read (${code})`, {
      hint: 'correct the path, or set RESTIC_PASSWORD',
    });
  });
  return text.trim();
}

/** A folder is relative to the manifest; everything else has a scheme in front, as `s3:`. */
function placeOf(at: string, folder: string): string {
  return /^[a-z][a-z0-9]+:/.test(at) ? at : resolve(folder, at.replace(/^local:/, ''));
}

/** Folders with programs. */
export function foldersOf(env: Project['env']): readonly string[] {
  return (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}
