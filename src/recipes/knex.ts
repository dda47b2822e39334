import type { Recipe } from './recipe.ts';

export const knex: Recipe = {
  title: 'knex',
  on: { postgres: {}, mysql: {} },
  hints: [],
  tried: ['knex'],
};
