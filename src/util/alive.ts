import { errorCode } from './system.ts';

/** Whether a process with this id is there, whoever it belongs to. */
export function runs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
}
