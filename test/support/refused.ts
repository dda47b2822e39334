/** The SQLSTATE with which the server refused, or null where it did what was asked. */
export async function refused(attempt: Promise<unknown>): Promise<string | null> {
  try {
    await attempt;
    return null;
  } catch (error) {
    if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') return error.code;
    throw error;
  }
}
