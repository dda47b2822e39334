import { secretNames, type ServerInput } from '../input.ts';
import { literal, type Value } from './yaml.ts';

const MIB = 1024 ** 2;

/** Secrets are files, each seen by the services that name it alone. */
function secretsOf({ service, server }: ServerInput): readonly string[] {
  return [secretNames.admin(service), ...server.secrets.map(({ name }) => secretNames.own(service, name))];
}

/** Those of the pooler too. */
export function secretNamesOf(input: ServerInput): readonly string[] {
  const { pooler } = input;
  if (pooler === null) return secretsOf(input);
  const own = pooler.rendered.secrets.map(({ name }) => secretNames.own(pooler.service, name));
  return [...secretsOf(input), secretNames.admin(pooler.service), ...own];
}

export function volumeOf({ service }: ServerInput): string {
  return `${service}-data`;
}

/** A server as a service. No port is published, and no network leads out, unless one was asked for. */
export function serverService(input: ServerInput, networks: readonly string[]): Value {
  const { service, server, config, published } = input;
  const { environment, entrypoint } = server;
  return {
    image: server.image,
    ...(entrypoint === undefined ? {} : { entrypoint: entrypoint.map(literal) }),
    command: server.command.map(literal),
    ...(Object.keys(environment).length === 0
      ? {}
      : { environment: Object.fromEntries(Object.entries(environment).map(([name, text]) => [name, literal(text)])) }),
    secrets: secretsOf(input),
    volumes: [
      { type: 'volume', source: volumeOf(input), target: server.data },
      ...(server.configFolder === null || config.length === 0
        ? []
        : [{ type: 'bind', source: `./${service}`, target: server.configFolder, read_only: true }]),
    ],
    networks: [...networks, ...(published === null ? [] : ['published'])],
    ...(published === null ? {} : { ports: [`127.0.0.1:${published}:${server.port}`] }),
    healthcheck: {
      test: ['CMD-SHELL', literal(server.health)],
      interval: '10s',
      timeout: '5s',
      retries: 6,
      start_period: `${server.startPeriod}s`,
      start_interval: '2s',
    },
    restart: 'unless-stopped',
    stop_grace_period: `${server.stopPeriod}s`,
    security_opt: ['no-new-privileges:true'],
    ...(server.sharedMemory === undefined ? {} : { shm_size: `${Math.ceil(server.sharedMemory / MIB)}m` }),
    deploy: { resources: { limits: { memory: `${Math.ceil(server.memory / MIB)}M`, cpus: String(server.processors) } } },
    logging: { driver: 'local' },
  };
}
