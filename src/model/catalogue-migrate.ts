import type { Codes } from './catalogue.ts';

/** CT41 migrations. */
export const migrateCodes: Codes = {
  CT4101: {
    title: 'Migration tool missing',
    explanation:
      'The tool that `migrations` of an app names is not on this machine, or cannot be started. It is looked for beside the project (`.venv/bin`, `node_modules/.bin`) and in PATH.',
    hint: 'Install it, or say with `command` how it is called.',
  },
  CT4102: {
    title: 'Migration tool failed',
    explanation:
      'The tool ended with an error, or was killed. The message has its last words, where the app stands now, and what was left behind.',
    hint: 'Correct the cause and run cotenant migrate up again: it goes on from there.',
  },
  CT4103: {
    title: 'Not what the tool said',
    explanation:
      'The tool says that it succeeded, and the server says otherwise: revisions were skipped, the ledger contradicts the files, an object lies outside of the app’s place or belongs to somebody else, an object of somebody else changed, a right was given to somebody else, or an index is not valid.',
    hint: 'Correct what the message names, then look at cotenant migrate status.',
  },
  CT4104: {
    title: 'Migration took too long',
    explanation: 'The tool ran longer than `deadline` of the app’s `migrations`, and was ended: told first, killed ten seconds later.',
    hint: 'Raise `deadline`, or find out what it waited for.',
  },
  CT4105: {
    title: 'Migrations cannot be read',
    explanation: 'The folder that `migrations` of an app names does not exist, cannot be read, or does not hold what its tool keeps there.',
    hint: 'Correct `directory`; it is relative to the manifest.',
  },
  CT4106: {
    title: 'Files and ledger contradict each other',
    explanation:
      'A row of the ledger has no file, a file has changed since it was applied, there are two heads, or a revision is half applied. Nothing is run for this app: its tool would go on from a state that nobody knows.',
    hint: 'Bring the two together with the tool itself, or correct the files.',
  },
  CT4107: {
    title: 'Waits for another app',
    explanation: 'The app comes after another one, by `after`, and that one cannot be migrated now.',
    hint: 'Resolve what stops the other app.',
  },
  CT4108: {
    title: 'App without migrations',
    explanation: 'The command works on the migrations of an app, and the manifest names none for this one.',
    hint: 'Add `migrations: { tool: …, directory: … }` to the app.',
  },
  CT4109: {
    title: 'A tool still works',
    explanation:
      'A process that an earlier run started still has a session on the server, with the login of the app. Its run is gone, so nobody watches it; a second tool beside it would run the same revisions.',
    hint: 'Wait until it ends, or end it on the server.',
  },
  CT4111: {
    title: 'No place for migrations yet',
    explanation: 'The database or the owner role of the app does not exist yet, so there is nothing that its migrations could run in.',
    hint: 'Run cotenant apply first.',
  },
  CT4112: {
    title: 'No such revision',
    explanation: 'The revision that the command names is not among those that it could go to, or there is no way back from it.',
    hint: 'Choose one that cotenant migrate status shows.',
  },
  CT4113: {
    title: 'Migrations cannot be rendered',
    explanation: 'The tool of the app runs code, and cannot say beforehand which SQL that will send.',
    hint: 'Read its files, or try them on a copy.',
  },
  CT4114: {
    title: 'Not ready',
    explanation: 'The app cannot start: migrations are pending, or something that `requires` names is not there.',
    hint: 'Run the command that the message names.',
  },
  CT4115: {
    title: 'The migration tool cannot do that',
    explanation: 'Not every tool can go to one revision or back: what it has no command for is not attempted by other means.',
    hint: 'Bring the app to its newest revision, or write a new migration that undoes the last one.',
  },
  CT4116: {
    title: 'No rules for migrations',
    explanation: 'The app migrates on an engine for which there are no rules yet, so nobody has looked at what its migrations would do.',
  },
  CT4117: {
    title: 'Tools that lock each other out',
    explanation:
      'Some tools lock a database with a key that is the same in every app. Two apps of one database that are migrated at the same time, from two containers for example, wait for each other, and one of them may give up.',
    hint: 'Run them with cotenant migrate up, or give each app a database of its own.',
  },
  CT4120: {
    title: 'Lock row of a tool taken',
    explanation:
      'Liquibase and Knex note in a row that they are at work, and a killed one leaves it taken. It is freed where it is proved that whoever took it is gone: no session is on the server that could have written it, and what it was at was in a transaction. When it was to be freed, that was no longer so.',
    hint: 'Look at cotenant migrate status; the command of the tool frees the row by hand.',
  },
  CT4125: {
    title: 'No online migrations',
    explanation:
      '`online` of `migrations` would have old and new code of an app run side by side on two forms of one table, as pgroll and gh-ost do. cotenant runs the app’s own tool, which knows nothing of that, so the key is refused and not passed over.',
    hint: 'Remove `online`, and write each change as several revisions: what is new beside what is old, then the data, then the end of what is old. cotenant migrate lint names the statements that stop the app.',
  },
  CT4126: {
    title: 'Nothing is backed up before this',
    explanation:
      'The way back loses tables, columns or rows, or nobody can tell what, and a repository for backups is configured: `--backup` saves the app first, under the same lock, and nothing is taken back where that fails.',
    hint: 'Run the same command with --backup, or go without.',
  },
  CT4127: {
    title: 'A tool that would show a password',
    explanation:
      'The tool takes the password of this server in its arguments and in no other way. Whoever can list the processes of the machine would read it, so the tool is not started.',
    hint: 'Use a tool that reads the password from its environment.',
  },
  CT4128: {
    title: 'Nobody can be asked for what an app requires',
    explanation:
      '`requires` of an app names a revision, and the app has no `migrations`; or tables, columns or extensions, and none of its instances has such things. `cotenant ready` could not look, so it would call the app ready.',
    hint: 'Remove it from `requires`, or add the migrations or the instance.',
  },
};
