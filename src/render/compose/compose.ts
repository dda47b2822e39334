import type { MadeFile } from '../file.ts';
import type { AppInput, ServerInput, SetInput, WorkInput } from '../input.ts';
import { variableWord } from '../names.ts';
import { poolerServices, setupName } from './pooler.ts';
import { secretNamesOf, serverService, volumeOf } from './server.ts';
import { type Value, yaml } from './yaml.ts';

/** Services of the set that are nobody's app. */
const APPLY = 'cotenant';
const SERVE = 'serve';
/** The network of the servers and of cotenant. */
const BACK = 'back';
/** Apps start when everything that they need is there, which the first start cannot know: after `render --target env`. */
const PROFILE = 'apps';

/** The file with the servers, and one for each app unless they stand together. */
export function composeFiles(set: SetInput): readonly MadeFile[] {
  const { under, apps, together } = set;
  const main: MadeFile = { path: `${under}compose.yaml`, target: 'compose', body: yaml(serversFile(set)) };
  if (together) return [main];
  return [
    main,
    ...apps.map(
      (app): MadeFile => ({ path: `${under}apps/${app.service}/compose.yaml`, target: 'compose', body: yaml(appFile(set, app)) }),
    ),
  ];
}

/** What the network between an app and its servers is called by everybody on the host. */
function networkName({ project }: SetInput, app: AppInput): string {
  return `${project}_${networkKey(app)}`;
}

function networkKey({ service }: AppInput): string {
  return `app-${service}`;
}

/** An app has a network of its own to the world too: in one that all have they would see each other. */
function wayOut({ service }: AppInput): string {
  return `out-${service}`;
}

function serversFile(set: SetInput): Value {
  const { project, servers, apps, together, work } = set;
  const served = apps.filter((app) => app.servers.length > 0);
  const networksOf = (service: string): readonly string[] => [
    BACK,
    ...served.filter((app) => app.servers.includes(service)).map(networkKey),
  ];
  const published = servers.some((one) => one.published !== null);
  return {
    name: project,
    services: {
      ...Object.fromEntries(
        servers.flatMap((one) => [
          [one.service, serverService(one, networksOf(one.service))] as const,
          ...poolerServices(one, networksOf(one.service)),
        ]),
      ),
      [APPLY]: applyService(work, servers.flatMap(waitsFor)),
      [SERVE]: serveService(work),
      ...(together ? Object.fromEntries(apps.map((app) => [app.service, appTogether(app, apps)])) : {}),
    },
    networks: {
      [BACK]: { internal: true },
      ...Object.fromEntries(served.map((app) => [networkKey(app), { name: networkName(set, app), internal: true }])),
      ...(together ? Object.fromEntries(apps.map((app) => [wayOut(app), {}])) : {}),
      ...(published ? { published: {} } : {}),
      ...(work.outside ? { outside: {} } : {}),
    },
    volumes: Object.fromEntries(servers.map((one) => [volumeOf(one), {}])),
    secrets: Object.fromEntries(servers.flatMap((one) => secretNamesOf(one).map((name) => [name, { file: `./secrets/${name}` }]))),
  };
}

/** A server that answers, and the logins that have to be there. */
function waitsFor(input: ServerInput): readonly (readonly [service: string, condition: string])[] {
  const setup = setupName(input);
  return [[input.service, 'service_healthy'], ...(setup === null ? [] : [[setup, 'service_completed_successfully'] as const])];
}

/** Runs to its end: what waits for it starts when everything is as the manifest says. */
function applyService(work: WorkInput, servers: readonly (readonly [service: string, condition: string])[]): Value {
  return {
    ...cotenantBase(work),
    command: ['apply', '--file', work.manifest, '--no-input', '--yes', '--lock-timeout', '60s'],
    depends_on: Object.fromEntries(servers.map(([service, condition]) => [service, { condition }])),
    restart: 'no',
  };
}

const PORT = 4680;
/** Without curl and wget, which the image does not have. */
export const SERVE_HEALTH = `node -e "require('http').get('http://127.0.0.1:${PORT}/readyz', (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"`;

/** Figures for Prometheus. Only who is in the network of the servers reaches it, and needs a key even so. */
function serveService(work: WorkInput): Value {
  return {
    ...cotenantBase(work),
    profiles: ['monitoring'],
    command: ['serve', '--file', work.manifest, '--listen', `0.0.0.0:${PORT}`, '--behind-proxy', '--host', SERVE, '--verify-every', '24h'],
    depends_on: { [APPLY]: { condition: 'service_completed_successfully' } },
    healthcheck: {
      test: ['CMD-SHELL', SERVE_HEALTH],
      interval: '30s',
      timeout: '5s',
      retries: 4,
      start_period: '60s',
      start_interval: '2s',
    },
    restart: 'unless-stopped',
  };
}

function cotenantBase(work: WorkInput): Readonly<Record<string, Value>> {
  return {
    // From a checkout: docker build -t cotenant:VERSION . Nobody else's image of that name is ever fetched.
    image: `\${COTENANT_IMAGE:-${work.image}}`,
    pull_policy: 'never',
    user: '${COTENANT_USER:-1000:1000}',
    ...(work.variables.length === 0 ? {} : { environment: work.variables }),
    volumes: [
      ...work.reads.map(({ source, target }) => ({ type: 'bind', source, target, read_only: true })),
      { type: 'bind', source: '.', target: work.folder },
    ],
    networks: [BACK, ...(work.outside ? ['outside'] : [])],
    read_only: true,
    tmpfs: ['/tmp'],
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    logging: { driver: 'local' },
  };
}

/** What an app is, is its own affair: another image, its ports and its command stand in compose.override.yaml. */
function appBase({ name, service, environment }: AppInput): Readonly<Record<string, Value>> {
  return {
    // No registry in the world has what begins with localhost: an image of somebody else would get the credentials.
    image: `\${${variableWord(name)}_IMAGE:-localhost/${service}:latest}`,
    env_file: [{ path: environment, required: true }],
    restart: 'unless-stopped',
    security_opt: ['no-new-privileges:true'],
    logging: { driver: 'local' },
  };
}

function appTogether(app: AppInput, apps: readonly AppInput[]): Value {
  const before = apps.filter(({ name }) => app.after.includes(name));
  return {
    ...appBase(app),
    profiles: [PROFILE],
    networks: [...(app.servers.length > 0 ? [networkKey(app)] : []), wayOut(app)],
    depends_on: {
      ...Object.fromEntries(app.servers.map((service) => [service, { condition: 'service_healthy', restart: true }])),
      [APPLY]: { condition: 'service_completed_successfully' },
      ...Object.fromEntries(before.map(({ service }) => [service, { condition: 'service_started' }])),
    },
  };
}

function appFile(set: SetInput, app: AppInput): Value {
  const served = app.servers.length > 0;
  return {
    name: `${set.project}-${app.service}`,
    services: { [app.service]: { ...appBase(app), networks: ['default', ...(served ? ['servers'] : [])] } },
    networks: { default: {}, ...(served ? { servers: { name: networkName(set, app), external: true } } : {}) },
  };
}
