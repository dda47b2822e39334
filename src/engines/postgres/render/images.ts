/** One line for each major version that cotenant supports. */
export const IMAGES = {
  '18': { plain: 'postgres:18.6', vector: 'pgvector/pgvector:0.8.1-pg18' },
  '17': { plain: 'postgres:17.12', vector: 'pgvector/pgvector:0.8.1-pg17' },
  '16': { plain: 'postgres:16.14', vector: 'pgvector/pgvector:0.8.1-pg16' },
  '15': { plain: 'postgres:15.18', vector: 'pgvector/pgvector:0.8.1-pg15' },
  '14': { plain: 'postgres:14.23', vector: 'pgvector/pgvector:0.8.1-pg14' },
} as const;

/** There is no image of its makers; this one holds the program and nothing of its own that runs. */
export const POOLER_IMAGE = 'edoburu/pgbouncer:v1.24.1-p1';

export type Major = keyof typeof IMAGES;
