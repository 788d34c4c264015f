import { getConvexSize, jsonToConvex, type JSONValue } from 'convex/values'
import { checkDocument } from './document-rules'
import { currentExecution, type Execution } from './execution'
import { type QuerySource, readRange, type StoredDocument } from './read-set'

/** The way from functions to their database, which `convex-test` puts on the global object. */
interface ConvexSyscalls {
  syscall: (op: string, args: string) => string
  asyncSyscall: (op: string, args: string) => Promise<string>
  jsSyscall: unknown
}

interface DocumentArgs { table?: string, id: string, value: StoredDocument }

/**
 * Stands between the functions and the database of `convex-test`: notes what each run reads and writes, and refuses documents
 * that a deployment would refuse. Call it once, after `convexTest()`.
 */
export function observeSyscalls(): void {
  const place = globalThis as unknown as { Convex: ConvexSyscalls }
  const inner = place.Convex
  place.Convex = {
    get jsSyscall() { return inner.jsSyscall },
    syscall(op, args) {
      if (op === '1.0/queryStream') noteRange(JSON.parse(args) as { query: { source: QuerySource } })
      return inner.syscall(op, args)
    },
    async asyncSyscall(op, args) {
      const get = async (id: string) => JSON.parse(await inner.asyncSyscall('1.0/get', JSON.stringify({ id, isSystem: false }))) as StoredDocument | null
      const execution = currentExecution.getStore()
      if (execution) await beforeCall(op, args, execution, get)
      const answer = await inner.asyncSyscall(op, args)
      if (execution) await afterCall(op, args, answer, execution, get)
      return answer
    },
  }
}

function noteRange({ query }: { query: { source: QuerySource } }): void {
  const execution = currentExecution.getStore()
  if (!execution) return
  execution.indexRanges++
  execution.reads.push(readRange(query.source))
}

type Get = (id: string) => Promise<StoredDocument | null>

async function beforeCall(op: string, json: string, execution: Execution, get: Get): Promise<void> {
  if (op === '1.0/queryPage') return noteRange(JSON.parse(json) as { query: { source: QuerySource } })
  if (op !== '1.0/shallowMerge' && op !== '1.0/replace' && op !== '1.0/remove') return
  const { id } = JSON.parse(json) as DocumentArgs
  const before = await get(id)
  if (before) execution.writes.push({ table: tableOf(id), document: before })
}

async function afterCall(op: string, json: string, answer: string, execution: Execution, get: Get): Promise<void> {
  if (op === '1.0/get') {
    const { id } = JSON.parse(json) as DocumentArgs
    const found = JSON.parse(answer) as StoredDocument | null
    execution.indexRanges++
    execution.reads.push({ table: tableOf(id), id })
    if (found) noteRead(execution, found)
    return
  }
  if (op === '1.0/queryStreamNext') {
    const { value, done } = JSON.parse(answer) as { value: StoredDocument, done: boolean }
    if (!done) noteRead(execution, value)
    return
  }
  if (op === '1.0/queryPage') {
    for (const document of (JSON.parse(answer) as { page: StoredDocument[] }).page) noteRead(execution, document)
    return
  }
  if (op === '1.0/remove') {
    execution.documentsWritten++
    return
  }
  if (op !== '1.0/insert' && op !== '1.0/shallowMerge' && op !== '1.0/replace') return
  const id = op === '1.0/insert' ? (JSON.parse(answer) as { _id: string })._id : (JSON.parse(json) as DocumentArgs).id
  const document = (await get(id))!
  checkDocument(tableOf(id), document)
  execution.writes.push({ table: tableOf(id), document })
  execution.documentsWritten++
  execution.bytesWritten += sizeOf(document)
}

function noteRead(execution: Execution, document: StoredDocument): void {
  execution.documentsRead++
  execution.bytesRead += sizeOf(document)
}

function sizeOf(document: JSONValue): number {
  return getConvexSize(jsonToConvex(document))
}

/** `convex-test` makes ids of a number and the table's name. */
function tableOf(id: string): string {
  return id.replace(/^\d+/, '')
}
