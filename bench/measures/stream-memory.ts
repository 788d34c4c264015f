import type { Bench } from '../bench.ts'
import { withReaders } from '../load/with-readers.ts'
import type { Samples } from '../samples.ts'
import type { SubjectName } from '../subject-name.ts'

const SIZE = { readers: 1_000, workspaces: 50 }

/** KiB of resident memory that each open change stream costs the server while nothing happens. */
export async function measureStreamMemory(bench: Bench, name: SubjectName): Promise<Samples> {
  return await withReaders(bench, name, SIZE, async ({ server, connect }) => {
    const before = await server.measure()
    await connect()
    const after = await server.measure()
    if (after.streams !== SIZE.readers) throw new Error(`${after.streams} of ${SIZE.readers} streams are open`)
    return { 'stream-memory': [(after.memory - before.memory) / after.streams / 1024] }
  })
}
