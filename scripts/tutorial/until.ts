const TIMEOUT_MS = 60_000

/** Asks again until the answer is true. @throws Error with `what`, after a minute. */
export async function until(what: string, ask: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + TIMEOUT_MS; Date.now() < end;) {
    if (await ask()) return
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  throw new Error(`within a minute it did not happen that ${what}`)
}
