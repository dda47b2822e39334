import type { MysqlServer } from '../../engines/mysql/runtime.ts';
import type { Subject } from '../frame.ts';
import { draw } from './draw.ts';
import { handApp } from './hand-apps.ts';
import { neighbours } from './neighbours.ts';
import { MysqlScene } from './scene.ts';
import { strangers } from './strangers.ts';
import type { Builder, Piece } from './world.ts';

const builders: Readonly<Record<string, Builder>> = { app: handApp, ...strangers, ...neighbours };

/** One server serves all worlds, one after the other. */
export function mysqlSubject(name: string, server: MysqlServer): Subject<Piece> {
  return { name, draw, build: async (pieces) => await MysqlScene.build(server, pieces, builders) };
}
