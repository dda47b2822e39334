import { relative } from 'node:path';
import type { Checked } from '../app/project.ts';
import { wantsColor } from '../report/style.ts';
import type { Setting } from '../report/settings-text.ts';
import { lookUp } from '../util/record.ts';
import type { Call } from './call.ts';
import { isCi } from './prompt.ts';

/** Everything that is set for a command, and who said so. `found`: where the manifest was found that nobody named. Holds no secret. */
export function settingsOf(call: Call, checked: Checked | null, found: string | null): readonly Setting[] {
  const { options, io } = call;
  const file = options.text('file') ?? found;
  return [
    {
      name: 'file',
      value: file ?? '',
      origin: options.origin('file') ?? (file === null ? 'none was found' : 'found from this folder upwards'),
    },
    ...ofManifest(checked, io.cwd),
    color(call),
    pager(call),
    asks(call),
    ...(['quiet', 'verbose', 'debug'] as const).map((name) => ({
      name,
      value: onOff(options.flag(name)),
      origin: options.origin(name) ?? DEFAULT,
    })),
    ofVariable(call, 'cache', 'COTENANT_CACHE', io.program?.cache ?? ''),
    ofVariable(call, 'servers', 'COTENANT_SERVERS', ''),
    ofVariable(call, 'age-recipients', 'COTENANT_AGE_RECIPIENTS', ''),
    ofVariable(call, 'age-identity-file', 'COTENANT_AGE_IDENTITY_FILE', ''),
  ];
}

const DEFAULT = 'default';

function ofManifest(checked: Checked | null, cwd: string): readonly Setting[] {
  if (checked === null) return [];
  const { manifest, locate } = checked;
  const line = locate({ code: '', severity: 'info', message: '', path: ['project'] }).location?.line;
  const origin = `${relative(cwd, manifest.file)}${line === undefined ? '' : `:${line}`}`;
  return [{ name: 'project', value: manifest.project, origin }];
}

/** On stdout. */
function color({ options, io }: Call): Setting {
  const off = !options.flag('color');
  const isTty = io.stdout.isTTY === true;
  const { NO_COLOR: no = '', FORCE_COLOR: force, TERM: term } = io.env;
  const told = off ? options.origin('color') : no !== '' ? 'NO_COLOR' : force === undefined ? null : 'FORCE_COLOR';
  const usual = !isTty ? 'default: stdout is no terminal' : term === 'dumb' ? 'TERM' : DEFAULT;
  return { name: 'color', value: onOff(wantsColor(io.env, isTty, off)), origin: told ?? usual };
}

function pager({ options, io }: Call): Setting {
  const { COTENANT_PAGER: own, PAGER: usual } = io.env;
  const value = (own ?? usual ?? 'less').trim();
  const said = own === undefined ? (usual === undefined ? DEFAULT : 'PAGER') : 'COTENANT_PAGER';
  if (!options.flag('pager')) return { name: 'pager', value: 'off', origin: options.origin('pager') ?? DEFAULT };
  if (isCi(io.env)) return { name: 'pager', value: 'off', origin: 'CI' };
  return { name: 'pager', value: value === '' || value === 'cat' ? 'off' : value, origin: said };
}

function asks({ options, io }: Call): Setting {
  const told = options.origin('input') ?? (isCi(io.env) ? 'CI' : null);
  if (told !== null) return { name: 'input', value: 'off', origin: told };
  const isTerminal = io.stdin.isTTY === true && io.stderr.isTTY === true;
  return { name: 'input', value: onOff(isTerminal), origin: isTerminal ? DEFAULT : 'default: stdin or stderr is no terminal' };
}

function ofVariable({ io }: Call, name: string, variable: string, usual: string): Setting {
  const value = lookUp(io.env, variable) ?? '';
  return value === '' ? { name, value: usual, origin: DEFAULT } : { name, value, origin: variable };
}

function onOff(is: boolean): string {
  return is ? 'on' : 'off';
}
