import { dirname } from 'node:path';
import type { EnvContext } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/index.ts';
import { fail } from '../model/index.ts';
import { publicFile } from '../secrets/input.ts';
import { appExists } from './apps.ts';
import { withMapped } from './env-map.ts';
import { isMade, isOn, prefixFor } from './env-names.ts';
import { hasAddress } from './own.ts';
import { type FromRecipe, fromRecipe } from './recipes.ts';
import type { EnvOutcome, Project } from './types.ts';

export interface EnvRequest {
  /** Another login of the app. */
  readonly login?: string;
  /** By the names of this application too, as if the app named it as its recipe. */
  readonly recipe?: string;
}

/** The environment of one app over all its instances, for its usual login or for another one of its own. Throws a DiagnosticError where there are no credentials yet. */
export async function envOfApp(project: Project, app: string, request: EnvRequest = {}): Promise<EnvOutcome> {
  return await envFrom(project, app, request);
}

/** Of the secret store only what reads. */
type Reading = Pick<Project, 'manifest' | 'own' | 'env'> & { readonly secrets: Pick<Project['secrets'], 'peek' | 'derived'> };

/** The same, whatever stands in for the secret store. */
export async function envFrom(project: Reading, app: string, { login, recipe }: EnvRequest = {}): Promise<EnvOutcome> {
  appExists(project, app);
  const { manifest, secrets } = project;
  const decl = manifest.apps.find(({ name }) => name === app);
  const named = recipe ?? decl?.recipe ?? null;
  const { env, hints, needs } = named === null ? NO_RECIPE : await fromRecipe(project, app, named);
  const instances = login === undefined ? manifest.instances : withLogin(manifest.instances, app, login);
  const made = instances.map((instance) => {
    const own = project.own.get(instance.name);
    if (own && isOn(instance.input, app)) hasAddress(instance, own);
    const context: EnvContext = {
      prefix: prefixFor(manifest, instance, app),
      ...(login === undefined ? {} : { login }),
      secret: (ref) => secrets.peek(ref),
      derived: (ref) => secrets.derived(ref),
      file: (input) => publicFile(input, { env: project.env, baseDir: dirname(manifest.file) }),
    };
    const variables = instance.engine.env(instance.input, app, context) ?? [];
    return { instance: instance.name, variables: variables.filter((variable) => isMade(manifest, instance, app, variable)) };
  });
  return { app, variables: withMapped(made, [...env, ...(decl?.env ?? [])]), hints, needs };
}

const NO_RECIPE: FromRecipe = { env: [], hints: [], needs: [] };

/** Instances on which the app has this login. Throws CT2049 where there is none. */
function withLogin(instances: readonly InstanceDecl[], app: string, login: string): readonly InstanceDecl[] {
  const of = ({ engine, input }: InstanceDecl): readonly string[] => engine.logins?.(input, app) ?? [];
  const found = instances.filter((instance) => of(instance).includes(login));
  if (found.length > 0) return found;
  const names = [...new Set(instances.flatMap(of))];
  throw fail('CT2049', `app "${app}" has no login "${login}"`, { hint: `its logins are: ${names.join(', ') || 'just one'}` });
}
