import type { DBCore, DBCoreCursor, DBCoreTable } from 'dexie'
import type Dexie from 'dexie'

export interface CountReadsOptions {
  /** Whether what a `count` walks over counts as read. Default: false. */
  withCounts?: boolean
}

/** Counts what a database reads of these stores, by the app, by capture or by the engine. Must be called before it opens. */
export function countReads(db: Dexie, stores: readonly string[], { withCounts = false }: CountReadsOptions = {}): { during: (work: () => PromiseLike<unknown>) => Promise<number> } {
  let rows = 0
  const note = <T>(answer: T, found: unknown[]): T => {
    rows += found.filter(row => row !== undefined).length
    return answer
  }
  const counted = (table: DBCoreTable): DBCoreTable => ({
    ...table,
    // Promises of Dexie's all the way: any other one would let the transaction end.
    get: request => table.get(request).then((found: unknown) => note(found, [found])),
    getMany: request => table.getMany(request).then((found: unknown[]) => note(found, found)),
    query: request => table.query(request).then(response => request.values ? note(response, response.result as unknown[]) : response),
    count: request => table.count(request).then((count) => {
      if (withCounts) rows += count
      return count
    }),
    openCursor: request => table.openCursor(request).then(cursor => cursor && request.values ? countSteps(cursor, () => { rows++ }) : cursor),
  })
  db.use({
    // Below the engine's own middleware.
    stack: 'dbcore', name: 'count-reads', level: 0,
    create: (core: DBCore) => ({ ...core, table: name => stores.includes(name) ? counted(core.table(name)) : core.table(name) }),
  })
  return {
    async during(work) {
      rows = 0
      await work()
      return rows
    },
  }
}

function countSteps(cursor: DBCoreCursor, onStep: () => void): DBCoreCursor {
  return Object.create(cursor, {
    start: {
      value: (onNext: () => void) => cursor.start(() => {
        onStep()
        onNext()
      }),
    },
  }) as DBCoreCursor
}
