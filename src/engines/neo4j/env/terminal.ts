import { type ClientAbility, type ClientStart, hostAndPort, partsOf } from '../../../engine/index.ts';
import type { Config, Placement } from '../config.ts';
import { targetOf } from '../connect/connection.ts';
import { env } from './env.ts';

export const client: ClientAbility<Config, Placement> = {
  start(input, { who }, context) {
    const variables = env(input, who, { ...context, prefix: null });
    if (variables === null) return null;
    const { url = '', user = '', password = '', database = '' } = partsOf(variables);
    return startOf({ url, user, password, database });
  },
  async startAdmin(input, _app, context) {
    const { host, port, user, password, tls } = await targetOf(input.config, context);
    const scheme = tls === null ? 'bolt' : tls.mode === 'require' ? 'bolt+ssc' : 'bolt+s';
    return startOf({ url: `${scheme}://${hostAndPort({ host, port })}`, user, password, database: input.config.database });
  },
};

interface Login {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  readonly database: string;
}

/** cypher-shell reads all of it from its environment. It refuses to start where it finds an address by its older name as well. */
function startOf({ url, user, password, database }: Login): ClientStart {
  return {
    programs: ['cypher-shell'],
    args: () => [],
    env: { NEO4J_ADDRESS: null, NEO4J_URI: url, NEO4J_USERNAME: user, NEO4J_PASSWORD: password, NEO4J_DATABASE: database },
  };
}
