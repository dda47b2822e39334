import type { Recipe } from './recipe.ts';

export const ghost: Recipe = {
  title: 'Ghost',
  on: {
    mysql: {
      env: {
        database__client: { value: 'mysql' },
        database__connection__host: 'host',
        database__connection__port: 'port',
        database__connection__user: 'user',
        database__connection__password: 'password',
        database__connection__database: 'database',
      },
    },
  },
  hints: [],
  tried: [],
  untried: 'npm had not installed it after 8 minutes on a busy machine',
};
