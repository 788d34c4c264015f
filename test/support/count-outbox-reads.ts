import type { DBCore, DBCoreCursor, DBCoreTable } from 'dexie'
import type Dexie from 'dexie'

/** Counts the outbox records that a database reads. Must be called before it opens. */
export function countOutboxReads(db: Dexie): { during: (work: () => PromiseLike<unknown>) => Promise<number> } {
  let rows = 0
  const count = <T>(answer: T, found: unknown[]): T => {
    rows += found.filter(row => row !== undefined).length
    return answer
  }
  const counted = (table: DBCoreTable): DBCoreTable => ({
    ...table,
    // Promises of Dexie's all the way: any other one would let the transaction end.
    get: request => table.get(request).then((found: unknown) => count(found, [found])),
    getMany: request => table.getMany(request).then((found: unknown[]) => count(found, found)),
    query: request => table.query(request).then(response => request.values ? count(response, response.result as unknown[]) : response),
    openCursor: request => table.openCursor(request).then(cursor => cursor && request.values ? countSteps(cursor, () => { rows++ }) : cursor),
  })
  db.use({
    stack: 'dbcore', name: 'count-outbox-reads',
    create: (core: DBCore) => ({ ...core, table: name => name === 'pending_ops' ? counted(core.table(name)) : core.table(name) }),
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
