/** What expires as late as this is not put off: the year 3084. Servers take no times for fields beyond twice that. */
const FAR = 2 ** 45;

/** In a drill nothing may expire: all of it is put off. */
export function putOff(at: number, by: number): number {
  return at < FAR ? at + by : at;
}

export function backInTime(at: number, by: number): number {
  return at < FAR + by ? at - by : at;
}
