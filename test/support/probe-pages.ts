import type { ProbeInfo } from '../../src/engine/index.ts';

const HALVES: Readonly<Record<ProbeInfo['half'], string>> = {
  analysis: 'read from the catalogs',
  attack: 'tried with the app’s own credentials',
  both: 'tried with the app’s own credentials and read from the catalogs; the two must agree',
};

/** The page of one probe. */
export function probePage(probe: ProbeInfo, engine: string): string {
  const { id, title, attack, example, why, hardening, verdict, levels, half, destructive } = probe;
  return `# ${id}: ${title}

| | |
|---|---|
| engine | ${engine} |
| verdict where it works | ${verdict} |
| how it is proved | ${HALVES[half]}${destructive ? '; only with `--destructive`' : ''} |
| isolation levels | ${levels.join(', ')} |

**The attack.** ${attack}

\`\`\`sql
${example}
\`\`\`

**What is lost.** ${why}

**What closes it.** ${hardening}
`;
}

/** The list of all pages. */
export function probeIndex(groups: readonly { readonly title: string; readonly probes: readonly ProbeInfo[] }[]): string {
  const tables = groups.map(({ title, probes }) => {
    const rows = probes.map(
      ({ id, title: what, verdict, half, levels }) => `| [${id}](${id}.md) | ${what} | ${verdict} | ${half} | ${levels.join(', ')} |`,
    );
    return `## ${title}\n\n| probe | | verdict | half | levels |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
  });
  return `# Probes

What \`cotenant verify\` tries, reads, and tells that it cannot close. Each has a page.

<!-- Made from the probes: \`npx vitest run test/docs/probes.test.ts -u\` writes this folder again. -->

${tables.join('\n')}`;
}
