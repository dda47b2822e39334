import type { Recipe } from './recipe.ts';

export const directus: Recipe = {
  title: 'Directus',
  on: {
    postgres: { env: { DB_CLIENT: { value: 'pg' }, DB_CONNECTION_STRING: 'url', DB_SEARCH_PATH: 'array:{schema},public' } },
    mysql: {
      env: {
        DB_CLIENT: { value: 'mysql' },
        DB_HOST: 'host',
        DB_PORT: 'port',
        DB_DATABASE: 'database',
        DB_USER: 'user',
        DB_PASSWORD: 'password',
      },
    },
    redis: { env: { REDIS: 'url' } },
  },
  hints: ['Level schema: DB_SEARCH_PATH has to be there before the first start.'],
  tried: [],
  untried: 'npm had not installed it after 8 minutes on a busy machine, and isolated-vm would have to be compiled',
};
