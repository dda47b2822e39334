import { z } from 'zod';
import { backupDocument, backupsDocument, prunedDocument } from './backups.ts';
import { doctorDocument } from './doctor.ts';
import { estimateDocument } from './estimate.ts';
import { historyDocument } from './history.ts';
import { adoptedDocument, migrationStatusDocument, readyDocument, lintDocument, renderedDocument } from './migrations.ts';
import { addedDocument, importedDocument, initDocument } from './beginnings.ts';
import { keyMadeDocument, keyRevokedDocument, keysDocument } from './keys.ts';
import type { DocumentName } from './names.ts';
import { checkedDocument, completionDocument, logLineDocument, logsDocument, manualDocument, unitDocument } from './pages.ts';
import { planDocument, savedPlanDocument } from './plan.ts';
import {
  credentialsDocument,
  downDocument,
  endedDocument,
  environmentDocument,
  explainDocument,
  failedDocument,
  failedRoundDocument,
  settingsDocument,
  upDocument,
  validateDocument,
} from './small.ts';
import { renderDocument } from './render.ts';
import { statusDocument } from './status.ts';
import { killDocument, sessionsDocument } from './tending.ts';
import { stackDocument } from './check-stack.ts';
import { topDocument } from './usage.ts';
import { sizesDocument, slowDocument, vacuumDocument } from './weights.ts';
import { verifyDocument, verifyRoundDocument } from './verify.ts';

const schemas: Readonly<Record<DocumentName, z.ZodType>> = {
  plan: planDocument.meta({ description: '`plan --json`: what an apply would do.' }),
  'saved-plan': savedPlanDocument.meta({ description: '`plan --out FILE`: what `apply FILE` applies.' }),
  ended: endedDocument.meta({
    description:
      '`apply`, `restore-app`, `verify --fix`, `migrate up`, `migrate down`, `backup`, `drill` and `restore` with `--json`, at their end.',
  }),
  failed: failedDocument.meta({ description: 'Every command with `--json` that ends without a result.' }),
  verify: verifyDocument.meta({ description: '`verify --json`: the proof.' }),
  'verify-round': verifyRoundDocument.meta({ description: '`verify --watch --json`: one line for each round.' }),
  'verify-round-failed': failedRoundDocument.meta({ description: '`verify --watch --json`: the line of a round without a proof.' }),
  status: statusDocument.meta({ description: '`status --json`.' }),
  doctor: doctorDocument.meta({ description: '`doctor --json`: what ails the servers.' }),
  top: topDocument.meta({ description: '`top --json`: who does what now; without `--once` one line for each round.' }),
  sessions: sessionsDocument.meta({ description: '`sessions --json`: who is connected.' }),
  kill: killDocument.meta({ description: '`kill --json`: the sessions that were ended.' }),
  slow: slowDocument.meta({ description: '`slow --json`: the statements that took most time.' }),
  sizes: sizesDocument.meta({ description: '`sizes --json`: how big each app is, and its tables.' }),
  'check-stack': stackDocument.meta({ description: '`check-stack --json`: a morning look.' }),
  vacuum: vacuumDocument.meta({ description: '`vacuum --json`: what became of each table.' }),
  history: historyDocument.meta({ description: '`history --json`: what was done from here.' }),
  'migrate-status': migrationStatusDocument.meta({ description: '`migrate status --json`: where each app stands.' }),
  'migrate-plan': renderedDocument.meta({ description: '`migrate plan --json`: the SQL that is pending, and what the rules find in it.' }),
  'migrate-lint': lintDocument.meta({ description: '`migrate lint --json`: what the rules find in what is pending.' }),
  'migrate-adopt': adoptedDocument.meta({ description: '`migrate adopt --json`.' }),
  ready: readyDocument.meta({ description: '`ready --json`: whether an app can start.' }),
  backups: backupsDocument.meta({ description: '`backup list --json`: what the repository has.' }),
  backup: backupDocument.meta({ description: '`backup show --json`: what one backup holds.' }),
  'backup-prune': prunedDocument.meta({
    description: '`backup prune --json` and `backup forget-app --json`: what has gone, and what is kept.',
  }),
  'backup-check': checkedDocument.meta({ description: '`backup check --json`: that the repository is whole.' }),
  validate: validateDocument.meta({ description: '`validate --json`: what is wrong with the manifest.' }),
  up: upDocument.meta({ description: '`up --json`: the servers that run now.' }),
  'up-unit': unitDocument.meta({ description: '`up --unit --json`: the text of a systemd user unit.' }),
  down: downDocument.meta({ description: '`down --json`: the servers that were stopped.' }),
  credentials: credentialsDocument.meta({ description: '`credentials set --json`: the passwords that were stored.' }),
  keys: keysDocument.meta({ description: '`key list --json`: the keys of `serve`.' }),
  'key-made': keyMadeDocument.meta({ description: '`key create --json`: the new key, shown this once.' }),
  'key-revoked': keyRevokedDocument.meta({ description: '`key revoke --json`: the key that is gone.' }),
  config: settingsDocument.meta({ description: '`config show --json`: what is set, and who said so.' }),
  explain: explainDocument.meta({ description: '`explain --json`: what a code, a probe or a check means.' }),
  env: environmentDocument.meta({ description: '`env --json`: the variables of an app.' }),
  init: initDocument.meta({ description: '`init --json`: the manifest that was written.' }),
  add: addedDocument.meta({ description: '`add app --json`: what was added to the manifest.' }),
  import: importedDocument.meta({ description: '`import --json`: the manifest of a server that was set up by hand.' }),
  render: renderDocument.meta({ description: '`render --json`: the files of a deployment, as each stood before.' }),
  estimate: estimateDocument.meta({ description: '`estimate --json`: what the apps cost shared and isolated.' }),
  logs: logsDocument.meta({ description: '`logs --json`.' }),
  'logs-line': logLineDocument.meta({ description: '`logs --follow --json`: one line of a log, in one line.' }),
  completion: completionDocument.meta({ description: '`completion --json`: the script for a shell.' }),
  man: manualDocument.meta({ description: '`man --json`: every command, with its arguments and options.' }),
};

/** JSON Schema (draft 2020-12) of one document. */
export function documentSchema(name: DocumentName): object {
  return z.toJSONSchema(schemas[name], { io: 'input', override: ({ jsonSchema }) => delete jsonSchema.readOnly });
}
