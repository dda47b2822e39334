import type { Observation } from '../../engine/index.ts';
import type { Command as Sent } from '../../model/index.ts';
import type { Command } from './commands.ts';
import { isSubset } from './losses.ts';
import type { Grant } from './rights.ts';
import { basisOf } from './observe/basis.ts';
import { command } from './words.ts';

/** What `operators.<login>.may` can say here. Each word brings `connect` with it. */
export const operatorRights = {
  connect: 'logs in, and asks what its own connection is: PING, HELLO, CLIENT ID, INFO, SETNAME, COMMAND',
  monitor:
    'reads what the server counts and how it is set, and how large keys are, as exporters do: INFO, CONFIG GET, SLOWLOG, LATENCY, CLIENT LIST, MEMORY, SCAN, TYPE, LLEN, MEMORY USAGE and the like on every key; no values',
  'read-all': 'reads every key in every database, as a backup with SCAN and DUMP does; writes nothing',
  replication: 'is a replica: PSYNC, REPLCONF, PING',
} as const satisfies Readonly<Record<string, string>>;

export type OperatorWord = keyof typeof operatorRights;

export function isOperatorWord(word: string): word is OperatorWord {
  return Object.hasOwn(operatorRights, word);
}

const named = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const CONNECT = named(
  'auth hello ping echo quit reset client|id client|info client|getname client|setname client|setinfo client|no-evict client|reply client|help command',
);

/** The field's own exporters, without what shows values. */
const MONITOR = named(
  'info config|get slowlog|get slowlog|len latency|latest latency|history latency|histogram latency|doctor client|list memory|stats memory|doctor memory|malloc-stats memory|usage dbsize lastsave role module|list ' +
    'cluster|info cluster|nodes cluster|slots cluster|shards pubsub|channels pubsub|numsub pubsub|numpat select scan type exists ttl pttl strlen llen hlen scard zcard xlen pfcount object|encoding object|idletime object|freq ' +
    'xinfo|stream xinfo|groups xinfo|consumers',
);

const READ_ALL = named('scan dbsize select type ttl pttl');

const REPLICATION = named('psync replconf');

/** What a word stands for, from the server's own table. */
export function operatorCommands(table: readonly Command[], word: OperatorWord): readonly string[] {
  const is = (command: Command): boolean => {
    const { name, walled, readOnly, categories } = command;
    if (CONNECT.has(name) || name.startsWith('command|')) return true;
    if (word === 'monitor') return MONITOR.has(name);
    if (word === 'replication') return REPLICATION.has(name);
    if (word !== 'read-all') return false;
    return (
      READ_ALL.has(name) || (walled && readOnly && !['@admin', '@dangerous', '@scripting', '@pubsub'].some((one) => categories.has(one)))
    );
  };
  return table
    .filter(is)
    .map(({ name }) => name)
    .sort();
}

/** Name under which an observation has the commands of a word. */
export function operatorProfile(word: OperatorWord): string {
  return `operator:${word}`;
}

/** What a word gives on this server. */
export function operatorGrant(word: OperatorWord, observation: Observation): Grant {
  const keys = word === 'monitor' || word === 'read-all' ? ['%R~*'] : [];
  return {
    keys,
    channels: [],
    commands: basisOf(observation).commands.get(operatorProfile(word)) ?? '',
    databases: 'all',
    writes: false,
    keyed: keys.length > 0,
  };
}

/** Words that a user with these grants has not got. */
export function missingWords(may: readonly OperatorWord[], grants: readonly Grant[], observation: Observation): readonly OperatorWord[] {
  return may.filter((word) => !isSubset([operatorGrant(word, observation)], grants));
}

/** A selector of its own: what the user has already is not mixed with it. */
function grantRule(word: OperatorWord, observation: Observation): string {
  const { keys, commands } = operatorGrant(word, observation);
  return `(${[...keys, ...commands.split(' ').map((name) => `+${name}`)].join(' ')})`;
}

export function grantCommand(user: string, words: readonly OperatorWord[], observation: Observation): Sent {
  return command('ACL', 'SETUSER', user, ...words.map((word) => grantRule(word, observation)));
}
