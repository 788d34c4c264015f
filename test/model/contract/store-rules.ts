import { compareRevs, RECORDS, type Answer, type Change, type Device, type Page, type SentOp, type Store, type StoredRev, type World } from './contract-state'
import type { Rules } from './rules'

/** A push arrives and is committed, as one transaction. Its answers are kept, and repeated when its ops come again. Changes `world`. */
export function takePush(world: World, ops: readonly SentOp[], rules: Rules): Answer[] {
  const { store } = world
  const before = { store: { ...store, rows: [...store.rows], collected: [...store.collected] } as Store, commits: world.commits.length }
  const memory = new Map(store.memory)
  const commits = [...world.commits]
  const answers = ops.map((op) => {
    const answer = answerTo(store, op, memory, rules)
    memory.set(op.rev.hlc, memory.get(op.rev.hlc) ?? answer)
    if (answer.applied && answer.version > (commits.at(-1)?.version ?? 0)) commits.push({ version: answer.version, record: op.record, rev: op.rev, endsPush: false })
    return answer
  })
  if (commits.length > world.commits.length) {
    commits[commits.length - 1] = { ...commits.at(-1)!, endsPush: true }
    if (world.left.restores) world.backup = before
  }
  store.memory = memory
  world.commits = commits
  return answers
}

function answerTo(store: Store, { record, rev }: SentOp, memory: ReadonlyMap<number, Answer>, rules: Rules): Answer {
  const current = store.rows[record]
  const earlier = memory.get(rev.hlc)
  if (earlier) return repeat(earlier, rev, current)
  const order = compareRevs(rev, current)
  if (current && order === 0) return { applied: true, version: current.version, winner: null }
  if (current && order < 0 && rules.storeCompares) return { applied: false, version: current.version, winner: current }
  const version = ++store.version
  store.rows[record] = { ...rev, version: current && !rules.editsMoveInFeed ? current.version : version }
  store.collected[record] = false
  return { applied: true, version, winner: null }
}

/** The same answer as before. But a delete that has beaten the op since is named, because a walk would not tell of it. */
function repeat(earlier: Answer, rev: SentOp['rev'], current: StoredRev | null): Answer {
  const isDeleted = current?.op === 'delete' && compareRevs(current, rev) > 0
  return { applied: !earlier.winner, version: earlier.version, winner: isDeleted ? current : earlier.winner }
}

/** Rule 7.6: the next change above `position`, one to a page. */
export function readFeed({ rows, collected, version, floor, epoch }: Store, position: number, rules: Rules): Page {
  const above = RECORDS.filter(record => rows[record] && !collected[record] && rows[record].version > position).sort((a, b) => rows[a]!.version - rows[b]!.version)
  const changes: Change[] = above.slice(0, 1).map(record => ({ record, rev: rows[record]! }))
  const hasMore = above.length > 1
  const requiresRescan = position > version || (rules.guardsFloor && position < floor)
  const page = { isWalk: false, latest: version, epoch, requiresRescan }
  return requiresRescan ? { ...page, changes: [], nextCursor: position, hasMore: false } : { ...page, changes, nextCursor: hasMore ? changes[0]!.rev.version : version, hasMore }
}

/** A page of a walk: downward from `position` (0: from the end), without tombstones. */
export function readWalk({ rows, version, epoch }: Store, position: number): Page {
  const below = RECORDS.filter(record => rows[record]?.op === 'put' && (position === 0 || rows[record].version < position)).sort((a, b) => rows[b]!.version - rows[a]!.version)
  const changes: Change[] = below.slice(0, 1).map(record => ({ record, rev: rows[record]! }))
  return { isWalk: true, changes, nextCursor: changes[0]?.rev.version ?? position, hasMore: below.length > 1, latest: version, epoch, requiresRescan: position > version + 1 }
}

/** Whether GC has anything to take out of the feed. */
export function hasGarbage({ rows, collected }: Store): boolean {
  return RECORDS.some(record => rows[record]?.op === 'delete' && !collected[record])
}

/** GC, as if all tombstones were older than the retention. Changes `store`. */
export function collect(store: Store, rules: Rules): void {
  for (const record of RECORDS) {
    const row = store.rows[record]
    if (row?.op !== 'delete') continue
    store.floor = Math.max(store.floor, row.version)
    store.collected[record] = true
    if (!rules.collectionKeepsRevisions) store.rows[record] = null
  }
}

/** The store becomes what it was before its last commit, under a new epoch. Edits that are lost are marked. Changes `world`. */
export function restore(world: World): void {
  const { store, commits } = world.backup!
  const lost = new Set(world.commits.slice(commits).map(({ rev }) => rev.hlc))
  world.edits = world.edits.map(edit => lost.has(edit.rev.hlc) ? { ...edit, isExcepted: true } : edit)
  world.commits = world.commits.slice(0, commits)
  world.store = { ...store, rows: [...store.rows], collected: [...store.collected], epoch: world.store.epoch + 1 }
  world.backup = null
}

/** The version from which a device reads next. */
export function positionOf({ step, cursor, walk }: Device): number {
  return walk ? walk.moved ?? walk.position : step?.position ?? cursor
}
