import type { PasswordState } from '../engine/index.ts';
import type { InstanceDecl } from '../manifest/types.ts';
import { addressKey, DiagnosticError, fail, type Observed, type Resource, type SecretRef } from '../model/index.ts';
import { secretIn } from './passwords.ts';
import { appExists, instanceNamed } from './apps.ts';
import { type Around, isTrouble, observed, Sessions } from './sessions.ts';
import type { Project } from './types.ts';

export interface HandedIn {
  readonly app: string;
  readonly password: string;
  /** Only on this instance. */
  readonly instance?: string;
  /** Only for this login, as the server calls it. */
  readonly login?: string;
}

/** A login whose password is now in the store. */
export interface Credential {
  readonly instance: string;
  readonly login: string;
  /** False where the server does not tell this admin whether it is right. */
  readonly checked: boolean;
}

/**
 * Puts a password that an app's login has already into the secret store, after the server was asked. Changes nothing on a
 * server. Throws CT2016, CT2051, CT5008, and what keeps a server from being asked.
 */
export async function handInPassword(project: Project, given: HandedIn): Promise<readonly Credential[]> {
  appExists(project, given.app);
  if (given.instance !== undefined) instanceNamed(project, given.instance);
  const instances = project.manifest.instances.filter((one) => loginsOn(one, given).length > 0);
  if (instances.length === 0) throw noSuchLogin(given);
  const manifest = { ...project.manifest, instances };
  const asked = new Set(instances.flatMap((one) => loginsOn(one, given).map(({ ref }) => ref.secret)));
  await using sessions = await Sessions.open({ ...project, manifest, secrets: storeWith(project, asked, given.password) });
  const found: (Credential & { readonly ref: SecretRef })[] = [];
  const missed = sessions.missed.flatMap(({ diagnostics }) => diagnostics);
  if (missed.length > 0) throw new DiagnosticError(missed);
  for (const reached of sessions.reached) {
    const { instance } = reached;
    const observation = await observed(reached);
    if (isTrouble(observation)) throw new DiagnosticError(observation);
    const there = new Map(observation.resources.map((one) => [addressKey(one.address), one]));
    for (const { resource, ref } of loginsOn(instance, given)) {
      const state = stateOf(instance, resource, there.get(addressKey(resource.address)));
      // Unchecked, and only for the one that was named.
      const trusted = state === 'unknown' && given.login !== undefined;
      if (state === 'ours' || trusted) found.push({ instance: instance.name, login: resource.address.name, checked: !trusted, ref });
    }
  }
  if (found.length === 0) throw noSuchLogin(given);
  for (const { ref } of found) await project.secrets.set(ref, given.password);
  return found.map(({ instance, login, checked }) => ({ instance, login, checked }));
}

interface Login {
  readonly resource: Resource;
  readonly ref: SecretRef;
}

function loginsOn({ name, engine, input }: InstanceDecl, { app, instance, login }: HandedIn): readonly Login[] {
  if (!engine.passwordState || (instance !== undefined && instance !== name)) return [];
  return engine.compile(input).resources.flatMap((resource) => {
    const secret = secretIn(resource.spec);
    const meant = resource.app === app && (login === undefined || resource.address.name === login);
    return meant && secret !== null ? [{ resource, ref: { secret } }] : [];
  });
}

function stateOf({ engine }: InstanceDecl, desired: Resource, found: Observed | undefined): PasswordState | null {
  return found ? (engine.passwordState?.(desired, found) ?? null) : null;
}

/** The store as if these logins had this password: how the server's answer tells whether one has. */
function storeWith({ secrets }: Project, logins: ReadonlySet<string>, password: string): Around['secrets'] {
  const isAsked = ({ secret }: SecretRef): boolean => logins.has(secret);
  return {
    ensure: (ref) => secrets.ensure(ref),
    peek: (ref) => (isAsked(ref) ? password : secrets.peek(ref)),
    staged: (ref) => (isAsked(ref) ? null : secrets.staged(ref)),
    derived: (ref) => (isAsked(ref) ? null : secrets.derived(ref)),
    setDerived: (ref, derived) => (isAsked(ref) ? Promise.resolve() : secrets.setDerived(ref, derived)),
    projectsWith: (ref) => secrets.projectsWith(ref),
  };
}

function noSuchLogin({ app, instance, login }: HandedIn): Error {
  const where = instance === undefined ? '' : ` on "${instance}"`;
  return fail(
    'CT5008',
    `no login${login === undefined ? '' : ` "${login}"`} of "${app}"${where} accepts this password; nothing was stored`,
  );
}
