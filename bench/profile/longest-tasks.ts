import type { CDPSession, Page } from 'playwright-core'

/** An event of Chromium's trace. Times are microseconds. */
interface TraceEvent { name: string, ph: string, pid: number, tid: number, ts: number, dur?: number }

/**
 * Traces the page during `work`, which leaves a performance mark `edit` before each edit and one more at the end.
 *
 * @returns the longest task of the main thread between each two marks, in milliseconds
 */
export async function longestTasks(page: Page, work: () => Promise<unknown>): Promise<number[]> {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value as unknown as TraceEvent[]))
  await session.send('Tracing.start', { traceConfig: { includedCategories: ['disabled-by-default-devtools.timeline', 'blink.user_timing', 'toplevel'] } } as never)
  await work()
  await endTracing(session)
  await session.detach()
  const marks = events.filter(({ name, ph }) => name === 'edit' && (ph === 'I' || ph === 'R')).sort((a, b) => a.ts - b.ts)
  const [first] = marks
  const tasks = events.filter(({ name, ph, pid, tid }) => name === 'RunTask' && ph === 'X' && pid === first?.pid && tid === first.tid)
  return marks.slice(0, -1).map(({ ts: start }, index) => {
    const end = marks[index + 1]!.ts
    // A task that is under way when the mark is made belongs to the edit, because the mark is made by the same code.
    const within = tasks.filter(({ ts, dur = 0 }) => ts < end && ts + dur > start).map(({ ts, dur = 0 }) => Math.min(end, ts + dur) - Math.max(start, ts))
    return Math.max(0, ...within) / 1_000
  })
}

async function endTracing(session: CDPSession): Promise<void> {
  const complete = new Promise(resolve => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await complete
}
