/** The login with which the pooler looks passwords up, and nothing else. */
export const POOLER = 'pgbouncer';
