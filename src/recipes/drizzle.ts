import type { Recipe } from './recipe.ts';

export const drizzle: Recipe = {
  title: 'drizzle',
  on: { postgres: { levels: { schema: { relax: { createOnDatabase: true } } } }, mysql: {} },
  hints: [
    "PostgreSQL, level schema: use pgSchema('<schema>') and migrations.schema in drizzle.config, and delete CREATE SCHEMA from the generated SQL.",
  ],
  tried: ['drizzle-orm'],
};
