import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import type { EnvVar } from '../../engine/index.ts';
import type { Way } from '../../migrate/tool.ts';
import { fail } from '../../model/index.ts';
import { publicFile } from '../../secrets/input.ts';
import { withMapped } from '../env-map.ts';
import type { Project } from '../types.ts';
import type { Migrating } from './apps.ts';

/** What a tool finds in its environment, and what of it nobody may see. */
export interface ToolEnvironment {
  readonly env: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly way: Way;
}

/** The app's own variables, PATH and HOME, and what `env` of its migrations names. Throws CT5007. */
export function environmentOf(project: Project, one: Migrating): ToolEnvironment {
  const { manifest, secrets } = project;
  const { app, decl, instance, ability } = one;
  const made = ability.variables(instance.input, app.name, {
    prefix: null,
    secret: (ref) => secrets.peek(ref),
    derived: (ref) => secrets.derived(ref),
    file: (input) => publicFile(input, { env: project.env, baseDir: dirname(manifest.file) }),
  });
  const own = app.env.filter(({ text, fixed }) => fixed || !/\w\.\w/.test(text));
  const variables = [...made, ...mapped(made, instance.name, own)];
  const { PATH, HOME } = project.env;
  const usual = { ...(PATH === undefined ? {} : { PATH }), ...(HOME === undefined ? {} : { HOME }) };
  const extra = Object.fromEntries(decl.env.map(({ name, text }) => [name, text]));
  const env = { ...usual, ...Object.fromEntries(variables.map(({ name, value }) => [name, value])), ...extra };
  const hidden = [
    ...variables.filter(({ secret }) => secret).map(({ value }) => value),
    ...decl.env.filter(({ secret }) => secret).map(({ text }) => text),
  ];
  const of = (name: string): string | null => made.find(({ part }) => part === name)?.value ?? null;
  return {
    env,
    secrets: [...new Set(hidden.flatMap(formsOf))],
    way: {
      dialect: ability.dialect,
      url: withoutPassword(of('url') ?? ''),
      schema: of('schema'),
      variables: env,
      dsn: made.find(({ name }) => name === ability.dsn)?.value ?? null,
    },
  };
}

/** Variables that the app names itself. What they say of other instances a tool does not need. */
function mapped(made: readonly EnvVar[], instance: string, own: Migrating['app']['env']): readonly EnvVar[] {
  try {
    return withMapped([{ instance, variables: made }], own);
  } catch {
    return [];
  }
}

/** A secret as it may stand in what a tool prints: as it is, encoded, and the password of a URL. */
function formsOf(value: string): readonly string[] {
  const password = /:\/\/[^:@/]*:([^@]*)@/.exec(value)?.[1];
  const forms = password === undefined ? [value] : [value, password, decoded(password)];
  return forms.flatMap((form) => [form, encodeURIComponent(form)]).filter((form) => form.length > 2);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function withoutPassword(url: string): string {
  return url.replace(/^([a-z+]+:\/\/[^:@/]*):[^@]*@/, '$1@');
}

/** The program of a tool: what `command` says, else where its kind is installed for a project, else in PATH. Throws CT4101. */
export async function programOf(
  project: Project,
  { tool, decl, app }: Migrating,
  cwd: string,
): Promise<{ readonly program: string; readonly args: readonly string[] }> {
  const [word = tool.program ?? '', ...args] = decl.command ?? [];
  const folder = dirname(project.manifest.file);
  if (word.includes('/')) {
    const program = resolve(folder, word);
    if (await isProgram(program)) return { program, args };
  } else {
    const above = [cwd, dirname(cwd), folder].flatMap((at) => [join(at, '.venv/bin'), join(at, 'node_modules/.bin')]);
    for (const at of [...above, ...(project.env['PATH'] ?? '').split(delimiter)]) {
      if (at !== '' && (await isProgram(join(at, word)))) return { program: join(at, word), args };
    }
  }
  throw fail('CT4101', `there is no ${word} on this machine, and the migrations of "${app.name}" need it`, {
    path: decl.path,
    hint: `install it: ${tool.install}; or say with \`command\` of its \`migrations\` how it is called`,
  });
}

async function isProgram(file: string): Promise<boolean> {
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}
