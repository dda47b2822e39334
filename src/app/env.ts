import type { EnvContext } from '../engine/index.ts';
import { appExists } from './apps.ts';
import { isMade, isOn, prefixFor } from './env-names.ts';
import { hasAddress } from './own.ts';
import type { EnvOutcome, Project } from './types.ts';

/** The environment of one app over all its instances. Throws a DiagnosticError where there are no credentials yet. */
export async function envOfApp(project: Project, app: string): Promise<EnvOutcome> {
  appExists(project, app);
  const { manifest, secrets } = project;
  const variables = manifest.instances.flatMap((instance) => {
    const own = project.own.get(instance.name);
    if (own && isOn(instance.input, app)) hasAddress(instance, own);
    const context: EnvContext = {
      prefix: prefixFor(manifest, instance, app),
      secret: (ref) => secrets.peek(ref),
      derived: (ref) => secrets.derived(ref),
    };
    const made = instance.engine.env(instance.input, app, context) ?? [];
    return made.filter((variable) => isMade(manifest, instance, app, variable));
  });
  return Promise.resolve({ app, variables });
}
