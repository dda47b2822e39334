/** One figure. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Figures of one kind. A counter's name ends in `_total`, the name of an info in `_info`. */
export interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'info';
  readonly help: string;
  readonly samples: readonly Sample[];
}

const UNITS = ['seconds', 'bytes'] as const;
const OPEN = 'application/openmetrics-text';

/** The format that is sent to whoever accepts this. */
export function typeOf(accept: string): { readonly open: boolean; readonly header: string } {
  const open = accept.split(',').some((one) => {
    const [type = '', ...parameters] = one.split(';').map((part) => part.trim().toLowerCase());
    return type === OPEN && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
  });
  return { open, header: open ? `${OPEN}; version=1.0.0; charset=utf-8` : 'text/plain; version=0.0.4; charset=utf-8' };
}

/** A family without figures is left out. */
export function render(families: readonly Family[], open: boolean): string {
  const text = families
    .filter(({ samples }) => samples.length > 0)
    .map((family) => (open ? openText(family) : plainText(family)))
    .join('');
  return open ? `${text}# EOF\n` : text;
}

function plainText({ name, type, help, samples }: Family): string {
  const head = `# HELP ${name} ${helpText(help)}\n# TYPE ${name} ${type === 'info' ? 'gauge' : type}\n`;
  return head + samples.map((sample) => line(name, sample)).join('');
}

/** The family of `x_total` is called `x`, that of `x_info` too. */
function openText({ name, type, help, samples }: Family): string {
  const family = type === 'gauge' ? name : name.replace(/_(?:total|info)$/, '');
  const unit = UNITS.find((one) => family.endsWith(`_${one}`));
  const said = unit === undefined ? '' : `# UNIT ${family} ${unit}\n`;
  const head = `# TYPE ${family} ${type}\n${said}# HELP ${family} ${helpText(help).replaceAll('"', '\\"')}\n`;
  return head + samples.map((sample) => line(name, sample)).join('');
}

function line(name: string, { labels, value }: Sample): string {
  const all = Object.entries(labels).map(([label, text]) => `${label}="${labelText(text)}"`);
  return `${name}${all.length === 0 ? '' : `{${all.join(',')}}`} ${number(value)}\n`;
}

function number(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
}

function helpText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function labelText(text: string): string {
  return helpText(text).replaceAll('"', '\\"');
}
