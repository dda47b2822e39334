import type { RenderAbility } from '../../../engine/index.ts';
import { demands } from '../compile/budget.ts';
import type { Config, Placement } from '../config.ts';
import { alerts } from './alerts.ts';
import { config } from './config.ts';
import { pooler } from './render-pooler.ts';
import { server } from './server.ts';

export const render: RenderAbility<Config, Placement> = {
  addressFields: ['version', 'publicUrl', 'tls', 'sslmode', 'pooler', 'loopback'],
  adminUrl: (host) => `postgres://postgres@${host}:5432/postgres`,
  server,
  config,
  pooler,
  alerts,
  connections: (input) => demands(input).reduce((sum, one) => sum + one.connections, 0),
};
