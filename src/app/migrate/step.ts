import type { Standing, Target } from '../../migrate/tool.ts';
import type { Step } from '../../model/index.ts';
import type { Project } from '../types.ts';
import type { Migrating } from './apps.ts';
import type { Job } from './lane.ts';

/** What the steps of migrations work on, as their addresses call it. */
export const KIND = 'migrations';

/** A project with the instances of these apps alone. */
export function onlyWith(project: Project, apps: readonly Migrating[]): Project {
  const names = new Set(apps.map(({ instance }) => instance.name));
  return { ...project, manifest: { ...project.manifest, instances: project.manifest.instances.filter(({ name }) => names.has(name)) } };
}

/** The step of one app. */
export function stepOf({ one, target }: Job, needs: readonly string[], standing: Standing | null = null): Step {
  const { app, instance, tool, where } = one;
  const back = target.to === 'back' || (target.to === 'revision' && target.back);
  return {
    id: `${instance.name}/${KIND}/${app.name}#${back ? 'down' : 'up'}`,
    address: { engine: instance.engine.id, instance: instance.name, kind: KIND, name: app.name },
    app: app.name,
    action: 'run',
    cause: 'intended',
    title: back ? 'take back' : 'bring up',
    facts:
      standing === null
        ? { tool: tool.id }
        : { tool: tool.id, from: standing.current.join(', ') || 'nothing', to: endOf(target, standing) },
    fields: [],
    commands: [{ op: back ? 'migrate/down' : 'migrate/up', text: wordsOf(one, target), args: { app: app.name } }],
    reverse: null,
    risk: 'safe',
    needs,
    lane: `migrate ${where}`,
    unit: null,
  };
}

function endOf(target: Target, { head, pending }: Standing): string {
  if (target.to === 'revision') return target.revision;
  if (target.to === 'back') return `${target.steps} back`;
  return `${head.join(', ')} (${pending.length} pending)`;
}

function wordsOf({ tool, app, decl }: Migrating, target: Target): string {
  const end = target.to === 'head' ? 'up to the newest' : target.to === 'back' ? `${target.steps} back` : `to ${target.revision}`;
  return `${decl.command?.join(' ') ?? tool.program ?? 'files'} in ${app.name}: ${end}`;
}
