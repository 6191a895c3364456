/**
 * Reads again until what is read satisfies. A page with a strict content security policy cannot be
 * asked to poll itself, as that takes `eval`.
 */
export async function poll<T>(
  read: () => Promise<T>,
  isReached: (value: T) => boolean,
  timeoutMs: number,
  describe: (last: string) => string,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await read();
    if (isReached(value)) return value;
    if (performance.now() > deadline) throw new Error(describe(JSON.stringify(value)));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
