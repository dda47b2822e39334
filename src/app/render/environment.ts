import { formatEnv } from '../../report/env.ts';
import { DiagnosticError } from '../../model/index.ts';
import { envExample, type ShownVariable } from '../../render/env-example.ts';
import type { FileSet, MadeFile } from '../../render/file.ts';
import { serviceName } from '../../render/names.ts';
import { envFrom, envOfApp } from '../env.ts';
import { isMade, namesFor } from '../env-names.ts';
import type { Project } from '../types.ts';

/** For each app what it reads, explained; and with its values, where it has credentials. `folders`: each app has one of its own. */
export async function environmentOf(project: Project, under: string, folders: boolean): Promise<FileSet> {
  const files: MadeFile[] = [];
  const waiting: string[] = [];
  for (const { name } of project.manifest.apps) {
    const folder = folders ? `${under}apps/${serviceName(name)}/` : under;
    // The set itself has a file of that name where it is one app's.
    files.push({
      path: `${folder}${folders ? '.env.example' : 'app.env.example'}`,
      target: 'env',
      body: envExample(name, await shown(project, name)),
    });
    const body = await valuesOf(project, name);
    if (body === null) waiting.push(name);
    else files.push({ path: `${folder}.env`, target: 'env', body, secret: true });
  }
  return { files, once: [], notes: waiting.length === 0 ? [] : [waitingFor(waiting)] };
}

const NAMED = 5;

function waitingFor(apps: readonly string[]): string {
  const rest = apps.length - NAMED;
  const names = `${apps.slice(0, NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return `no credentials yet of ${names}: once the service cotenant has run, cotenant render --target env writes ${apps.length === 1 ? 'its' : 'their'} .env`;
}

/** null: there are no credentials yet. */
async function valuesOf(project: Project, app: string): Promise<string | null> {
  try {
    const { variables } = await envOfApp(project, app);
    return formatEnv(variables, { format: 'dotenv', reveal: true, name: app });
  } catch (error) {
    if (error instanceof DiagnosticError && error.diagnostics.every(({ code }) => code === 'CT5007')) return null;
    throw error;
  }
}

/** As if it had credentials: what is no secret is known before. */
async function shown(project: Project, app: string): Promise<readonly ShownVariable[]> {
  const { manifest } = project;
  const origin = new Map(
    manifest.instances.flatMap((instance) =>
      namesFor(manifest, instance, app)
        .filter((one) => isMade(manifest, instance, app, { ...one, value: '', secret: false }))
        .map(({ name }) => [name, instance.name] as const),
    ),
  );
  const secrets = { peek: () => 'unknown', derived: () => null };
  const { variables } = await envFrom({ ...project, secrets }, app);
  return variables.map(({ name, value, secret }) => ({ name, value: secret ? null : value, from: origin.get(name) ?? null }));
}
