import type { Recipe } from './recipe.ts';

export const langflow: Recipe = {
  title: 'Langflow',
  on: { postgres: { env: { LANGFLOW_DATABASE_URL: 'url' } } },
  hints: [],
  tried: [],
  untried: 'it installs (1.4 GB), but nobody has written what it is to do',
};
