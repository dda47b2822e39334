import { ask } from '../../../../src/engines/redis/local/client.ts';
import { verifyProject } from '../../../../src/app/verify.ts';
import type { VerifyReport } from '../../../../src/model/index.ts';
import { manifestFor, type Workplace as AnyWorkplace, workplaceIn } from '../../../support/workplace.ts';
import type { RedisServer } from '../runtime.ts';

/** A manifest for the server that the environment of the workplace names. */
export function manifestOf(rest: string, instance = ''): string {
  return manifestFor('redis', 'redis://admin@${HOST}:${PORT}', rest, instance);
}

/** Its `apply` agrees to the closing of the user `default` too. */
export interface Workplace extends AnyWorkplace {
  verify(seed?: number): Promise<VerifyReport>;
  /** One command as the administrator. */
  admin(...words: readonly string[]): Promise<unknown>;
  /** One command with the app's own credentials. Refusals are thrown. */
  as(app: string, ...words: readonly string[]): Promise<unknown>;
}

export async function workplace(
  server: Pick<RedisServer, 'host' | 'port' | 'user' | 'password'>,
  manifest: string,
  more: Readonly<Record<string, string>> = {},
): Promise<Workplace> {
  const place = await workplaceIn(manifest, { HOST: server.host, PORT: String(server.port), ADMIN_PASSWORD: server.password, ...more });
  return {
    ...place,
    apply: async (options = {}) => await place.apply({ ...options, confirm: ['default', ...(options.confirm ?? [])] }),
    verify: async (seed = 7) => {
      const { report, diagnostics } = await verifyProject(await place.open(), { seed });
      if (diagnostics.some((one) => one.severity === 'error')) throw new Error(JSON.stringify(diagnostics));
      return report;
    },
    admin: async (...words) => await ask(server, ...words),
    as: async (app, ...words) => {
      const { REDIS_USERNAME: user = '', REDIS_PASSWORD: password = '' } = await place.reveal(app);
      return await ask({ host: server.host, port: server.port, user, password }, ...words);
    },
  };
}

/** Brings a server back to where it was when it was new. */
export async function wipe(server: RedisServer): Promise<void> {
  const users = await ask(server, 'ACL', 'USERS');
  const others = Array.isArray(users) ? users.map(String).filter((name) => name !== 'default' && name !== server.user) : [];
  if (others.length > 0) await ask(server, 'ACL', 'DELUSER', ...others);
  await ask(server, 'ACL', 'SETUSER', 'default', 'reset');
  await ask(server, 'FLUSHALL');
  await ask(server, 'ACL', 'SAVE');
}
