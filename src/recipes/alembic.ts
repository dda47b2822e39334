import type { Recipe } from './recipe.ts';

export const alembic: Recipe = {
  title: 'Alembic',
  on: { postgres: {}, mysql: {} },
  hints: [
    'PostgreSQL, level schema: leave version_table_schema unset, the search path puts the table into the schema.',
    'PostgreSQL, level schema with include_schemas=True: an include_name hook has to name the own schema; models with schema= also need search_path=public in the URL.',
    'In alembic.ini a % in the URL is written %%.',
  ],
  tried: ['Alembic'],
};
