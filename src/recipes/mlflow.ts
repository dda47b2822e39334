import type { Recipe } from './recipe.ts';

export const mlflow: Recipe = {
  title: 'MLflow',
  on: { postgres: { env: { MLFLOW_BACKEND_STORE_URI: 'url' } } },
  hints: ['With SQLAlchemy 2.1 the driver is psycopg, which has to be installed beside psycopg2.'],
  tried: ['MLflow'],
};
