import type { Recipe } from './recipe.ts';

export type { Recipe, RecipePart } from './recipe.ts';

/** Applications with a recipe, by the word that the manifest calls each. */
export const recipeNames = [
  'alembic',
  'bullmq',
  'celery',
  'directus',
  'django',
  'drizzle',
  'easyappointments',
  'ghost',
  'keycloak',
  'knex',
  'langflow',
  'lightrag',
  'mlflow',
  'n8n',
  'prefect',
  'socketio',
] as const;

export type RecipeName = (typeof recipeNames)[number];

const load: Readonly<Record<RecipeName, () => Promise<Recipe>>> = {
  alembic: async () => (await import('./alembic.ts')).alembic,
  bullmq: async () => (await import('./bullmq.ts')).bullmq,
  celery: async () => (await import('./celery.ts')).celery,
  directus: async () => (await import('./directus.ts')).directus,
  django: async () => (await import('./django.ts')).django,
  drizzle: async () => (await import('./drizzle.ts')).drizzle,
  easyappointments: async () => (await import('./easyappointments.ts')).easyappointments,
  ghost: async () => (await import('./ghost.ts')).ghost,
  keycloak: async () => (await import('./keycloak.ts')).keycloak,
  knex: async () => (await import('./knex.ts')).knex,
  langflow: async () => (await import('./langflow.ts')).langflow,
  lightrag: async () => (await import('./lightrag.ts')).lightrag,
  mlflow: async () => (await import('./mlflow.ts')).mlflow,
  n8n: async () => (await import('./n8n.ts')).n8n,
  prefect: async () => (await import('./prefect.ts')).prefect,
  socketio: async () => (await import('./socketio.ts')).socketio,
};

/** Null: there is no recipe of that name. */
export async function recipeNamed(name: string): Promise<Recipe | null> {
  const known = recipeNames.find((one) => one === name);
  return known === undefined ? null : await load[known]();
}
