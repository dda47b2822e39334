import { secretNames, type ServerInput } from '../input.ts';
import { literal, type Value } from './yaml.ts';

/** What makes the pooler's login, which has to be there before cotenant looks for it. */
export function setupName({ pooler }: ServerInput): string | null {
  return pooler === null ? null : `${pooler.service}-setup`;
}

/** The pooler, and what the admin does for it before it starts. */
export function poolerServices(input: ServerInput, networks: readonly string[]): readonly (readonly [name: string, service: Value])[] {
  const { service, server, pooler } = input;
  const setup = setupName(input);
  if (pooler === null || setup === null) return [];
  const { rendered } = pooler;
  const files = { type: 'bind', source: `./${pooler.service}`, target: rendered.configFolder, read_only: true };
  const own = [secretNames.admin(pooler.service), ...rendered.secrets.map(({ name }) => secretNames.own(pooler.service, name))];
  const guards = { security_opt: ['no-new-privileges:true'], logging: { driver: 'local' } };
  return [
    [
      setup,
      {
        image: server.image,
        entrypoint: ['sh', '-ec', literal(rendered.setup)],
        command: [],
        secrets: [secretNames.admin(service), ...own],
        volumes: [files],
        networks: ['back'],
        depends_on: { [service]: { condition: 'service_healthy' } },
        restart: 'no',
        ...guards,
      },
    ],
    [
      pooler.service,
      {
        image: rendered.image,
        entrypoint: rendered.entrypoint.map(literal),
        command: rendered.command.map(literal),
        // It reads secrets itself, and is not root: as whoever they belong to.
        user: '${COTENANT_USER:-1000:1000}',
        secrets: own,
        volumes: [files],
        networks,
        healthcheck: {
          test: ['CMD-SHELL', literal(rendered.health)],
          interval: '10s',
          timeout: '5s',
          retries: 6,
          start_period: '30s',
          start_interval: '2s',
        },
        depends_on: { [setup]: { condition: 'service_completed_successfully' } },
        restart: 'unless-stopped',
        read_only: true,
        cap_drop: ['ALL'],
        ...guards,
        deploy: { resources: { limits: { memory: '256M', cpus: '1' } } },
      },
    ],
  ];
}
