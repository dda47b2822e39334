import { type Diagnostic, type EndedSession, fail, type KillReport, type ListedSession } from '../../model/index.ts';
import type { Tending } from '../../engine/index.ts';
import { confirmOption } from '../../util/confirm-option.ts';
import { appsExist, instanceNamed } from '../apps.ts';
import type { Project } from '../types.ts';
import { homesOf, listed, tend } from './sessions.ts';

export interface KillRequest {
  /** The name of an app or a reader, or the number of one session. */
  readonly target: string;
  /** Where several servers have a session of that number. */
  readonly instance?: string;
  /** Logins of nobody here whose sessions may be ended. */
  readonly confirm: readonly string[];
  readonly deadline?: number;
  /** Asked once, with all that would end. */
  consent(sessions: readonly ListedSession[]): Promise<boolean>;
}

/**
 * Ends the sessions of an app, or one session, and proves that they are gone. null: it was not confirmed. Never one of cotenant's own, and
 * one of nobody in the manifest only where its login is named. Throws CT4602 to CT4605.
 */
export async function killSessions(project: Project, request: KillRequest): Promise<KillReport | null> {
  const { target, instance, deadline } = request;
  if (instance !== undefined) instanceNamed(project, instance);
  const isApp = isNamed(project, target);
  if (!isApp && !/^\d+$/.test(target)) appsExist(project, [target]);
  const homes = homesOf(project, isApp ? target : null).filter(({ name }) => instance === undefined || name === instance);
  const looked = await tend(project, homes, async (tending, at) => (await tending.sessions()).map(listed(at)), deadline);
  const diagnostics = looked.flatMap((one) => one.diagnostics);
  const all = looked.flatMap(({ result }) => result ?? []);
  const found = all.filter((one) => (isApp ? one.app === target : one.id === target));
  const first = found[0];
  if (!first && !isApp) throw noSuchSession(target, diagnostics);
  refuse(request, found);
  if (found.length === 0) return { format: 1, target, sessions: [], diagnostics };
  if (!(await request.consent(found))) return null;
  const ended = await tend(
    project,
    homes.filter(({ name }) => found.some((one) => one.instance === name)),
    async (tending, { name }) =>
      await endThese(
        tending,
        found.filter((one) => one.instance === name),
      ),
    deadline,
  );
  return {
    format: 1,
    target,
    sessions: ended.flatMap(({ result }) => result ?? []),
    diagnostics: [
      ...diagnostics,
      ...ended.flatMap((one) => one.diagnostics),
      ...ended.flatMap(({ result }) => (result ?? []).flatMap(stayed)),
    ],
  };
}

function isNamed({ manifest }: Project, name: string): boolean {
  return [...manifest.apps, ...manifest.readers].some((one) => one.name === name);
}

async function endThese(tending: Tending, sessions: readonly ListedSession[]): Promise<readonly EndedSession[]> {
  const gone = new Map((await tending.end(sessions)).map((one) => [one.id, one]));
  return sessions.map((one) => ({ ...one, gone: false, ...gone.get(one.id) }));
}

function stayed({ gone, id, instance, why }: EndedSession): readonly Diagnostic[] {
  if (gone) return [];
  return [
    { code: 'CT4605', severity: 'error', message: `session ${id} on "${instance}" is still there: ${why ?? 'nobody knows why'}`, instance },
  ];
}

function noSuchSession(target: string, diagnostics: readonly Diagnostic[]): Error {
  const where = diagnostics.length === 0 ? '' : ' on the servers that answered';
  return fail('CT4602', `there is no app and no session ${target}${where}`, { hint: 'cotenant sessions has the numbers' });
}

function refuse({ target, confirm }: KillRequest, found: readonly ListedSession[]): void {
  const own = found.find(({ kind }) => kind === 'cotenant');
  if (own)
    throw fail('CT4603', `session ${own.id} on "${own.instance}" is one of cotenant's own`, {
      instance: own.instance,
      hint: 'end the run that it belongs to: it finishes or rolls back what it has begun',
    });
  const places = [...new Set(found.map(({ instance }) => instance))];
  if (places.length > 1 && found.every(({ id }) => id === target))
    throw fail('CT4604', `there is a session ${target} on ${places.map((name) => `"${name}"`).join(' and ')}`, {
      hint: `say which with --instance ${places[0] ?? ''}`,
    });
  const stranger = found.find(({ kind, login }) => kind === 'other' && !confirm.includes(login));
  if (stranger)
    throw fail(
      'CT4004',
      `session ${stranger.id} on "${stranger.instance}" is of login "${stranger.login}", which is of no app here. Not confirmed.`,
      {
        instance: stranger.instance,
        hint: `Pass ${confirmOption(stranger.login)}`,
      },
    );
}
