import type { MigrationTool } from '../../model/index.ts';
import type { Tool } from '../tool.ts';
import { alembic } from './alembic.ts';
import { command } from './command.ts';
import { dbmate } from './dbmate.ts';
import { django } from './django.ts';
import { drizzle } from './drizzle.ts';
import { flyway } from './flyway.ts';
import { golangMigrate } from './golang-migrate.ts';
import { goose } from './goose.ts';
import { knex } from './knex.ts';
import { liquibase } from './liquibase.ts';
import { nodePgMigrate } from './node-pg-migrate.ts';
import { prisma } from './prisma.ts';
import { sql } from './sql.ts';

const tools: Readonly<Record<MigrationTool, Tool>> = {
  alembic,
  django,
  drizzle,
  knex,
  'node-pg-migrate': nodePgMigrate,
  dbmate,
  'golang-migrate': golangMigrate,
  goose,
  prisma,
  flyway,
  liquibase,
  sql,
  command,
};

export function toolOf(id: MigrationTool): Tool {
  return tools[id];
}
