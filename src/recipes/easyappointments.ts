import type { Recipe } from './recipe.ts';

export const easyappointments: Recipe = {
  title: 'Easy!Appointments',
  on: { mysql: { env: { DB_HOST: '{host}:{port}', DB_NAME: 'database', DB_USERNAME: 'user', DB_PASSWORD: 'password' } } },
  hints: [],
  tried: [],
  untried: 'it is a PHP application, and the machine has no PHP',
};
