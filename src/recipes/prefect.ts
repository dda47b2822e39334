import type { Recipe } from './recipe.ts';

export const prefect: Recipe = {
  title: 'Prefect',
  on: {
    postgres: {
      placement: { extensions: ['pg_trgm'], connections: 20 },
      env: { PREFECT_API_DATABASE_CONNECTION_URL: 'ASYNC_DATABASE_URL' },
    },
  },
  hints: [
    'With 8 connections it logs that there are too many.',
    'With a file of an authority the URL has ?dsn=, which its listener for events does not take, and logs so; the API answers.',
  ],
  tried: ['Prefect'],
};
