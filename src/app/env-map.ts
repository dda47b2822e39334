import { type EnvName, type EnvVar, MASK } from '../engine/index.ts';
import { envToken, isWrittenSecret } from '../manifest/env-map.ts';
import { pathText } from '../manifest/node.ts';
import type { EnvDecl, Manifest } from '../manifest/types.ts';
import type { Diagnostic } from '../model/index.ts';
import { closest } from '../util/closest.ts';
import { namesFor } from './env-names.ts';

/** A variable, or its name, with the instance that makes it. */
type Made<T extends Pick<EnvName, 'name' | 'part'>> = T & { readonly instance: string };

/** The variables that an instance makes for an app. */
interface MadeBy {
  readonly instance: string;
  readonly variables: readonly EnvVar[];
}

/** What `env` of the apps refers to and nothing makes, or two things make. Needs no server and no password. */
export function envMapTrouble(manifest: Manifest): readonly Diagnostic[] {
  const all = manifest.apps.flatMap(({ name: app, env }) => {
    if (env.length === 0) return [];
    const names = manifest.instances.flatMap((instance) =>
      namesFor(manifest, instance, app).map((one) => ({ ...one, instance: instance.name })),
    );
    return env.flatMap((decl) => troubleOf(decl, names));
  });
  // Apps of one `for` make one mistake together.
  return [...new Map(all.map((one) => [one.message, one])).values()];
}

function troubleOf(decl: EnvDecl, names: readonly Made<EnvName>[]): readonly Diagnostic[] {
  const { text, fixed, secret, path } = decl;
  if (isWrittenSecret(decl)) return [writtenSecret(decl)];
  if (fixed) return [];
  if (secret) return [mixed(decl)];
  return [...new Set(referencesIn(text))].flatMap((reference): Diagnostic[] => {
    const found = meantBy(reference, names);
    if (found.length === 1) return [];
    const several = found.length > 1;
    const known = several ? found.map((one) => `${one.instance}.${reference}`) : wordsOf(names);
    const meant = several ? null : closest(reference, wordsOf(names));
    const fixedText = text.includes('{') ? '' : `, or { value: ${JSON.stringify(text)} } for this very text`;
    return [
      {
        code: 'CT1211',
        severity: 'error',
        message: several
          ? `${pathText(path)} refers to ${JSON.stringify(reference)}, which ${found.length} instances have.`
          : `${pathText(path)} refers to ${JSON.stringify(reference)}, and the app has no such part or variable.`,
        path,
        expected: `one of ${known.join(', ')}`,
        hint: meant !== null ? `Did you mean "${meant}"?` : `Write one of the expected words${several ? '' : fixedText}.`,
      },
    ];
  });
}

function writtenSecret({ name, path }: EnvDecl): Diagnostic {
  return {
    code: 'CT1301',
    severity: 'error',
    message: `${pathText(path)} holds a secret that is written in the file.`,
    path,
    expected: `a part such as password, or \${${name}}`,
    hint: 'Refer to an environment variable of the process that runs cotenant. Change the secret if the file was shared.',
  };
}

function mixed({ path }: EnvDecl): Diagnostic {
  return {
    code: 'CT1211',
    severity: 'error',
    message: `${pathText(path)} has words in braces beside a variable of the environment, whose value may hold braces too.`,
    path,
    expected: 'the one or the other',
    hint: 'Keep one of them: words in braces, or a variable of the environment.',
  };
}

/** The variables of an app as it wants them: those that it names itself in front of others of the same name. */
export function withMapped(instances: readonly MadeBy[], env: readonly EnvDecl[]): readonly EnvVar[] {
  const made = instances.flatMap(({ instance, variables }) => variables.map((one) => ({ ...one, instance })));
  const mapped = new Map(env.flatMap((decl) => valueOf(decl, made)).map((variable) => [variable.name, variable]));
  const kept = instances.flatMap(({ variables }) => variables.map((one) => mapped.get(one.name) ?? one));
  const taken = new Set(kept.map(({ name }) => name));
  return [...kept, ...[...mapped.values()].filter(({ name }) => !taken.has(name))];
}

/** Nothing where it refers to something that is not made now: another login's, or one whose password is not known. */
function valueOf({ name, text, fixed, secret }: EnvDecl, made: readonly Made<EnvVar>[]): readonly EnvVar[] {
  if (fixed) return [{ name, value: text, secret }];
  const used = new Map<string, EnvVar>();
  for (const reference of referencesIn(text)) {
    const [one] = meantBy(reference, made);
    if (!one) return [];
    used.set(reference, one);
  }
  const fill = (show: (variable: EnvVar) => string): string => {
    const bare = used.get(text);
    if (bare) return show(bare);
    return text.replaceAll(envToken, (all, reference: string) => {
      const one = used.get(reference);
      return one ? show(one) : all;
    });
  };
  const value = fill((one) => one.value);
  if (![...used.values()].some((one) => one.secret)) return [{ name, value, secret: false }];
  return [{ name, value, secret: true, masked: fill((one) => (one.secret ? (one.masked ?? MASK) : one.value)) }];
}

/** A text without braces is one reference; else those that stand in braces. */
export function referencesIn(text: string): readonly string[] {
  const found = [...text.matchAll(envToken)].map((match) => match[1] ?? '');
  return found.length === 0 ? [text] : found;
}

/** The text with other words in the place of those that it refers to. */
export function withReferences(text: string, to: (word: string) => string): string {
  return text.search(envToken) === -1 ? to(text) : text.replaceAll(envToken, (_, word: string) => `{${to(word)}}`);
}

function meantBy<T extends Pick<EnvName, 'name' | 'part'>>(reference: string, all: readonly Made<T>[]): readonly Made<T>[] {
  const named = all.filter(({ name }) => name === reference);
  if (named.length > 0) return named.slice(0, 1);
  const parts = all.filter(({ part, instance }) => part !== undefined && (part === reference || `${instance}.${part}` === reference));
  return [...new Map(parts.map((one) => [one.instance, one])).values()];
}

/** What can be said: a part by its word alone where one instance has it, and variables by their names. */
function wordsOf(names: readonly Made<EnvName>[]): readonly string[] {
  const parts = names.filter((one) => one.part !== undefined);
  const single = parts.filter(({ part, instance }) => parts.every((other) => other.part !== part || other.instance === instance));
  const short = single.map(({ part = '' }) => part);
  const long = parts.filter((one) => !single.includes(one)).map(({ part, instance }) => `${instance}.${part}`);
  return [...new Set([...short, ...long, ...names.map(({ name }) => name)])];
}
