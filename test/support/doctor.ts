import { type DoctorOptions, type DoctorOutcome, doctorProject } from '../../src/app/doctor/doctor.ts';
import type { Project } from '../../src/app/types.ts';
import type { DoctorFinding } from '../../src/model/index.ts';
import type { Workplace } from './workplace.ts';

/** What a look at the servers of a workplace comes to. */
export async function look(
  place: Pick<Workplace, 'open'>,
  { progress, ...options }: DoctorOptions & Pick<Project, 'progress'> = {},
): Promise<DoctorOutcome> {
  const project = await place.open();
  return await doctorProject(progress ? { ...project, progress } : project, options);
}

/** The findings of these checks. */
export async function found(
  place: Pick<Workplace, 'open'>,
  checks: readonly string[],
  options: DoctorOptions = {},
): Promise<readonly DoctorFinding[]> {
  return (await look(place, options)).report.findings.filter(({ id }) => checks.includes(id));
}
