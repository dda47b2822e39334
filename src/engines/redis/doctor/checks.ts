import { commonChecksAs } from '../../../engine/index.ts';
import type { CheckText } from '../../../model/index.ts';

export const own = {
  unlimited: 'CT-D401',
  evicting: 'CT-D402',
  memory: 'CT-D403',
  failing: 'CT-D404',
  unsaved: 'CT-D405',
  replica: 'CT-D406',
} as const;

/** What is looked at on this engine. */
export const checks: readonly CheckText[] = [
  ...commonChecksAs(new Map()),
  {
    id: own.unlimited,
    title: 'Memory has no limit',
    severity: 'warning',
    looks: '`maxmemory` of `INFO memory`, where it is 0.',
    why: 'One app can fill the memory of the machine, and then the system ends the server with the data of all.',
    remedy: 'A `maxmemory` below what the machine has, with room for a copy while it saves.',
  },
  {
    id: own.evicting,
    title: 'The server throws keys of apps away',
    severity: 'error',
    looks:
      '`maxmemory_policy`: with `allkeys-…` it is an error, with `volatile-…` a warning (keys that end by themselves). Nothing is said where the manifest has `eviction: allow`.',
    why: 'When one app fills the memory, the server throws away keys of any app, and asks nobody whose they are.',
    remedy: '`maxmemory-policy noeviction`; an app that is a cache gets a server of its own.',
  },
  {
    id: own.memory,
    title: 'Memory is nearly full',
    severity: 'error',
    looks: '`used_memory` against `maxmemory`: from 80 % on it is a warning, from 95 % an error.',
    why: 'At the limit the server refuses writes of every app, or throws keys away.',
    remedy: 'A higher `maxmemory`, or fewer keys: `cotenant status` says about how much each app keeps.',
  },
  {
    id: own.failing,
    title: 'The server cannot save its data',
    severity: 'error',
    looks: '`rdb_last_bgsave_status`, `aof_last_write_status` and `aof_last_bgrewrite_status` of `INFO persistence`.',
    why: 'Writes of every app are refused (MISCONF) as long as it lasts, or a restart loses what was written since.',
    remedy: 'Room on the disk, and the right to write to the folder, as the log of the server says.',
  },
  {
    id: own.unsaved,
    title: 'The server saves nothing',
    severity: 'info',
    looks: '`aof_enabled`, and the setting `save`, where there are keys.',
    why: 'A restart loses all keys of all apps.',
    remedy: '`appendonly yes`, where the keys are more than a cache.',
  },
  {
    id: own.replica,
    title: 'A replica has lost its primary',
    severity: 'warning',
    looks: '`master_link_status` of `INFO replication`.',
    why: 'What it answers gets older.',
    remedy: 'The primary, or the way to it.',
  },
];
