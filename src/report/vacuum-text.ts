import type { VacuumedTable, VacuumReport } from '../model/index.ts';
import { prose } from './columns.ts';
import { document } from './documents/document.ts';
import { writeVacuum } from './documents/weights.ts';
import { count, printable } from './printable.ts';
import { plain, type Style } from './style.ts';

/** One table as it is done. */
export function vacuumedLine({ app, instance, table, state, why, seconds }: VacuumedTable): string {
  return printable(`${state.padEnd(7)}  ${app} on ${instance}  ${table}  ${seconds.toFixed(1)} s${why === undefined ? '' : `: ${why}`}`);
}

/** How many tables of whom, and what was left. Ends with a line end. */
export function vacuumText({ tables }: VacuumReport, style: Style = plain): string {
  const of = (state: VacuumedTable['state']): readonly VacuumedTable[] => tables.filter((one) => one.state === state);
  const left = [...of('skipped'), ...of('failed')].map((one) =>
    prose(
      printable(`${one.app} on ${one.instance}: ${one.table} was ${one.state === 'skipped' ? 'skipped' : 'not done'}: ${one.why ?? ''}`),
      0,
      style,
    ),
  );
  const closing = `${count(of('done').length, 'table')} done, ${of('skipped').length} skipped, ${of('failed').length} failed.`;
  return `${[...left.map((line) => style.warn(line)), left.length > 0 ? style.warn(closing) : style.good(closing)].join('\n')}\n`;
}

export function vacuumJson(report: VacuumReport, exitCode: number): string {
  return document(writeVacuum({ ...report, exitCode }));
}
