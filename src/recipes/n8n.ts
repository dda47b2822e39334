import type { Recipe } from './recipe.ts';

export const n8n: Recipe = {
  title: 'n8n',
  on: {
    postgres: {
      env: {
        DB_TYPE: { value: 'postgresdb' },
        DB_POSTGRESDB_HOST: 'host',
        DB_POSTGRESDB_PORT: 'port',
        DB_POSTGRESDB_DATABASE: 'database',
        DB_POSTGRESDB_USER: 'user',
        DB_POSTGRESDB_PASSWORD: 'password',
        DB_POSTGRESDB_SCHEMA: 'schema',
      },
    },
    redis: {
      placement: { relax: { scripting: true, info: true } },
      env: {
        QUEUE_BULL_REDIS_HOST: 'host',
        QUEUE_BULL_REDIS_PORT: 'port',
        QUEUE_BULL_REDIS_USERNAME: 'user',
        QUEUE_BULL_REDIS_PASSWORD: 'password',
        QUEUE_BULL_PREFIX: 'prefix',
      },
    },
  },
  hints: [],
  tried: [],
  untried: 'nobody has waited for its npm packages to be installed',
};
