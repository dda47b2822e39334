import { composeFiles } from './compose/compose.ts';
import type { SecretFile } from '../engine/index.ts';
import type { FileSet, MadeFile, OnceFile, RenderTarget } from './file.ts';
import { secretNames, type SetInput } from './input.ts';
import { variableWord } from './names.ts';

/** The files of one set: its compose files, what its servers read, their secrets, and what is around them. */
export function setOf(set: SetInput): FileSet {
  const { under, servers } = set;
  const files: MadeFile[] = [
    { path: `${under}.gitignore`, target: 'compose', body: GITIGNORE },
    { path: `${under}.env.example`, target: 'env', body: exampleOf(set) },
    ...composeFiles(set),
    ...servers.flatMap(({ service, config, pooler }) => [
      ...config.map(({ name, text }): MadeFile => ({ path: `${under}${service}/${name}`, target: 'config', body: text })),
      ...(pooler?.rendered.config ?? []).map(
        ({ name, text }): MadeFile => ({ path: `${under}${pooler?.service ?? ''}/${name}`, target: 'pooler', body: text }),
      ),
    ]),
  ];
  return { files, once: servers.flatMap((one) => secretsOf(set, one)), notes: notesOf(set) };
}

const GITIGNORE = '# Secrets.\nsecrets/\n.cotenant/\n.env\n';

function secretsOf({ under }: SetInput, { service, server, pooler }: SetInput['servers'][number]): readonly OnceFile[] {
  const own = secretFiles(under, service, server.secrets, 'compose');
  return pooler === null ? own : [...own, ...secretFiles(under, pooler.service, pooler.rendered.secrets, 'pooler')];
}

/** A password of its own, and what is worked out from it. */
function secretFiles(under: string, service: string, secrets: readonly SecretFile[], target: RenderTarget): readonly OnceFile[] {
  const path = (name: string): string => `${under}secrets/${name}`;
  const admin = path(secretNames.admin(service));
  const derived = secrets.map(
    ({ name, text }): OnceFile => ({ path: path(secretNames.own(service, name)), target, from: { path: admin, text } }),
  );
  return [{ path: admin, target }, ...derived];
}

/** Docker's own pools of addresses have about thirty networks, and some are in use already. */
const NETWORKS = 24;

function notesOf({ servers, apps }: SetInput): readonly string[] {
  const many = apps.length * 2 > NETWORKS;
  return [
    ...servers.flatMap(({ server }) => server.notes),
    ...(many
      ? [`${apps.length} apps have two networks each, and Docker has addresses for about 30: set default-address-pools in daemon.json`]
      : []),
  ];
}

/** What the compose files themselves read. Everything has a default. */
function exampleOf({ work, apps }: SetInput): string {
  const lines = [
    '# Copy this file to .env, where compose reads it. Nothing in it is a secret.',
    '',
    '# The image of cotenant: docker build -t … . in a checkout of it.',
    `# COTENANT_IMAGE=${work.image}`,
    '# Who owns these files on the host, as `id -u` and `id -g` say: cotenant runs as this user and reads its secrets.',
    '# COTENANT_USER=1000:1000',
    ...work.variables.flatMap((name) => ['# Read by the manifest.', `# ${name}=`]),
    ...apps.flatMap(({ name, service }) => [
      `# The image of ${name}.`,
      `# ${variableWord(name)}_IMAGE=registry.example.com/${service}:1.0.0`,
    ]),
  ];
  return `${lines.join('\n')}\n`;
}
