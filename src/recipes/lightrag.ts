import type { Recipe } from './recipe.ts';

export const lightrag: Recipe = {
  title: 'LightRAG',
  on: {
    postgres: {
      placement: { extensions: ['vector'] },
      halfAt: {
        schema: {
          what: 'a second one in the same database silently lacks 27 of its 48 indexes, since it looks for them by name without a schema',
          instead: 'give each a database: isolation: database',
        },
        rows: {
          what: 'it makes its tables when it starts, which only the migrator may, and its graph does not fit into tables there',
          instead: 'start it once with the variables of env --as migrator, and keep its graph in files, or use isolation: database',
        },
      },
      env: {
        LIGHTRAG_KV_STORAGE: { value: 'PGKVStorage' },
        LIGHTRAG_VECTOR_STORAGE: { value: 'PGVectorStorage' },
        LIGHTRAG_DOC_STATUS_STORAGE: { value: 'PGDocStatusStorage' },
        LIGHTRAG_GRAPH_STORAGE: { value: 'PGTableGraphStorage' },
        POSTGRES_DATABASE: 'database',
        POSTGRES_WORKSPACE: 'workspace',
      },
    },
  },
  hints: [
    'Give each team a database: at level schema the second one silently lacks 27 of 48 indexes, since LightRAG looks for them by name without a schema.',
    'Level rows: tables are made by the migrator (cotenant env APP --as migrator), and the graph has to be in files: LIGHTRAG_GRAPH_STORAGE=NetworkXStorage.',
  ],
  tried: ['LightRAG'],
};
