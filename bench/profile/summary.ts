/** A CPU profile as V8 writes it. Times are microseconds. */
export interface CpuProfile {
  nodes: { id: number, callFrame: { functionName: string, url: string, lineNumber: number } }[]
  samples: number[]
  timeDeltas: number[]
}

export interface SelfTime {
  /** Name, file and line. */
  where: string
  ms: number
}

const NOT_WORK = new Set(['(idle)', '(root)'])

/** The functions that took the most time themselves, without what they called. */
export function topSelfTimes({ nodes, samples, timeDeltas }: CpuProfile, most: number): SelfTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]))
  const times = new Map<string, number>()
  samples.forEach((id, index) => {
    const frame = frames.get(id)
    if (!frame || NOT_WORK.has(frame.functionName)) return
    const file = frame.url.split('/').at(-1)
    const where = `${frame.functionName || '(anonymous)'}${file ? ` ${file}:${frame.lineNumber + 1}` : ''}`
    // A delta is the time before its sample; it belongs to the sample before.
    times.set(where, (times.get(where) ?? 0) + (timeDeltas[index + 1] ?? 0) / 1_000)
  })
  return [...times].map(([where, ms]) => ({ where, ms })).sort((a, b) => b.ms - a.ms).slice(0, most)
}
