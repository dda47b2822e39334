import type { Observation } from '../../../engine/index.ts';
import type { Path } from '../../../model/index.ts';
import type { Config } from '../config.ts';
import type { Draft } from '../compile/draft.ts';
import { type ServiceFacts, serviceFactsOf } from '../service/service.ts';
import { isServiceWord } from '../service/words.ts';
import { factsOf } from '../kinds/kind.ts';

type Service = NonNullable<Config['service']>;
const NOTHING: Service = { keeps: [], databases: [], roles: [] };

export function serviceOf(config: Config): Service {
  return config.service ?? NOTHING;
}

/** The line that accepts what the server keeps, and words of it that the server contradicts. */
export function judgeService(draft: Draft, { server }: Observation): void {
  const facts = serviceFactsOf(server);
  contradicted(draft, facts, factsOf(server).user);
  if (facts === null) return;
  const said = serviceOf(draft.input.config);
  const missing = [
    ...facts.needed.filter((word) => !said.keeps.includes(word)),
    ...facts.databases.filter((name) => !said.databases.includes(name)).map((name) => `database ${name}`),
    ...facts.roles.filter((name) => !said.roles.includes(name)).map((name) => `role ${name}`),
  ];
  if (missing.length === 0) return;
  draft.warn(
    'CT2053',
    `"${draft.input.name}" keeps from its admin what the manifest does not accept: ${missing.join(', ')}`,
    draft.input.path,
    `where the service is like that, write on the instance: ${lineOf(said, facts)}`,
  );
}

function lineOf(said: Service, facts: ServiceFacts): string {
  const keeps = [...new Set([...facts.needed, ...said.keeps.filter((word) => facts.possible.includes(word))])];
  const parts = [
    ['keeps', keeps],
    ['databases', [...new Set([...facts.databases, ...said.databases])]],
    ['roles', [...new Set([...facts.roles, ...said.roles])]],
  ] as const;
  const lists = parts.filter(([, names]) => names.length > 0).map(([field, names]) => `${field}: [${names.map(plain).join(', ')}]`);
  return `service: { ${lists.join(', ')} }`;
}

function plain(name: string): string {
  return /^[a-z_][a-z0-9_.-]*$/i.test(name) ? name : JSON.stringify(name);
}

/** A word that the server contradicts accepts nothing: what it names is closed, or found open. */
function contradicted(draft: Draft, facts: ServiceFacts | null, user: string): void {
  const { input } = draft;
  const warn = (message: string, path: Path): void => draft.warn('CT2054', message, [...input.path, 'service', ...path], 'take it out');
  for (const [index, word] of serviceOf(input.config).keeps.entries()) {
    if (facts?.possible.includes(word)) continue;
    const why = isServiceWord(word) || facts === null ? `"${user}" can close it` : `"${user}" can set it, or there is no such setting`;
    warn(`service.keeps says that "${input.name}" keeps ${word}, and that is not so: ${why}`, ['keeps', index]);
  }
  for (const [index, name] of serviceOf(input.config).databases.entries()) {
    if (facts?.databases.includes(name)) continue;
    warn(`service.databases names "${name}", and that is no open database of the service`, ['databases', index]);
  }
}
