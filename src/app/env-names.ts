import { type EnvName, type EnvVar, placementOf } from '../engine/index.ts';
import type { InstanceDecl, Manifest } from '../manifest/index.ts';
import type { Diagnostic, Path } from '../model/index.ts';

/** The instance's name, where an app has two placements of one engine and their variables would meet; else null. */
export function prefixFor(manifest: Manifest, instance: InstanceDecl, app: string): string | null {
  const same = manifest.instances.filter((other) => other.engine.id === instance.engine.id);
  return same.length > 1 && same.filter((other) => isOn(other.input, app)).length > 1 ? instance.name : null;
}

/** True where the app or the reader has something on the instance. */
export function isOn(input: InstanceDecl['input'], app: string): boolean {
  return placementOf(input, app) !== undefined || input.readers.some((reader) => reader.name === app);
}

/** Variables of one name, for one app or between the names that carry the app's name: one error for each two that meet. */
export function envCollisions(manifest: Manifest): readonly Diagnostic[] {
  const met = new Map<string, { readonly how: string; readonly path: Path; readonly names: string[] }>();
  const meet = (name: string, how: string, path: Path): void => {
    const at = JSON.stringify([how, path]);
    const one = met.get(at) ?? { how, path, names: [] };
    one.names.push(name);
    met.set(at, one);
  };
  const taken = new Map<string, { app: string; path: Path }>();
  for (const { name: app } of manifest.apps) {
    const own = new Map<string, Path>();
    for (const instance of manifest.instances) {
      for (const { name, path } of namesOf(manifest, instance, app, app)) {
        if (own.has(name)) meet(name, `twice for app "${app}"`, path);
        own.set(name, path);
      }
    }
    const word = wordOf(app);
    for (const [name, path] of own) {
      if (!name.includes(word)) continue;
      const other = taken.get(name);
      if (other && isPlain(manifest, name, app)) continue;
      if (other) meet(name, `for both app "${other.app}" and app "${app}"`, path);
      taken.set(name, { app, path });
    }
  }
  return [...met.values()].map(collision);
}

/** The variables that `name` would have in the place of `app`. */
function namesOf(manifest: Manifest, instance: InstanceDecl, app: string, name: string): readonly EnvName[] {
  const names = allNamesOf(manifest, instance, app, name);
  if (!names.some((one) => one.common === true)) return names;
  const elsewhere = takenElsewhere(manifest, instance, app, name);
  return names.filter((one) => one.common !== true || !elsewhere.has(one.name));
}

function allNamesOf(manifest: Manifest, instance: InstanceDecl, app: string, name: string): readonly EnvName[] {
  return instance.engine.envNames?.(instance.input, name, prefixFor(manifest, instance, app)) ?? [];
}

/** The variables of an app that the instance makes for it. */
export function namesFor(manifest: Manifest, instance: InstanceDecl, app: string): readonly EnvName[] {
  return namesOf(manifest, instance, app, app);
}

/** Names that other engines make for the app: by themselves, or, where several only share it, the first in the manifest. */
function takenElsewhere(manifest: Manifest, instance: InstanceDecl, app: string, name: string): ReadonlySet<string> {
  const at = manifest.instances.indexOf(instance);
  return new Set(
    manifest.instances
      .filter((other) => other.engine.id !== instance.engine.id)
      .flatMap((other) =>
        allNamesOf(manifest, other, app, name).filter((one) => one.common !== true || manifest.instances.indexOf(other) < at),
      )
      .map((one) => one.name),
  );
}

/** The variables of an app that its instance makes for it and another engine does not. */
export function isMade(manifest: Manifest, instance: InstanceDecl, app: string, variable: EnvVar): boolean {
  return variable.common !== true || !takenElsewhere(manifest, instance, app, app).has(variable.name);
}

/** An app's name as it stands in names of variables. */
function wordOf(app: string): string {
  return app.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

/** No app is called this. */
const STANDIN = 'zzz_nobody_zzz';

/** True for a variable that the app would have under another name too, as DATABASE_URL of an app called "a". */
function isPlain(manifest: Manifest, name: string, app: string): boolean {
  return manifest.instances.some((instance) => namesOf(manifest, renamed(instance, app), app, STANDIN).some((one) => one.name === name));
}

function renamed(instance: InstanceDecl, app: string): InstanceDecl {
  const { input } = instance;
  const rename = <T extends object>(one: T, key: keyof T): T => (one[key] === app ? { ...one, [key]: STANDIN } : one);
  const placements = input.placements.map((one) => rename(one, 'app'));
  return { ...instance, input: { ...input, placements, readers: input.readers.map((one) => rename(one, 'name')) } };
}

const namesShown = 4;

function collision({ how, path, names }: { readonly how: string; readonly path: Path; readonly names: readonly string[] }): Diagnostic {
  const rest = names.length - namesShown;
  const list = `${names.slice(0, namesShown).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
  return {
    code: 'CT2014',
    severity: 'error',
    message: `the ${names.length === 1 ? 'variable' : 'variables'} ${list} would be defined ${how}`,
    path,
    hint: 'rename one of the apps or instances',
  };
}
