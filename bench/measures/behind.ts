import { type Bench, expectHeld } from '../bench.ts'
import type { Measure } from '../samples.ts'

/** A device that holds as many rows as `countOf` says and has missed ten edits: from opening it until they are here. */
export function measureBehind(id: string, countOf: (bench: Bench) => number): Measure {
  return async (bench, name) => {
    const count = countOf(bench)
    const { workspace, keys } = await bench.filled(name, count)
    const profile = await bench.device(name, count)
    const title = `edited ${crypto.randomUUID()}`
    await bench.server.tell({ do: 'retitle', subject: name, workspace, keys, title })
    return await bench.withSubject(name, async (subject) => {
      const time = await subject.catchUp(workspace, keys, title)
      // The cursor has to be stored before the browser is closed.
      await subject.settle()
      await expectHeld(subject, count)
      return { [id]: [time] }
    }, { profile })
  }
}
