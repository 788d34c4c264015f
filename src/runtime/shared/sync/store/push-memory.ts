import { hlcNode } from '../protocol/hlc'
import { OVERWROTE_REPLY_TEXT } from '../protocol/limits'
import { recordKey } from '../protocol/record-key'
import type { AcceptedOp, RejectedOp } from './push-item'
import type { RecordRow } from './record-row'
import type { Revision } from '../protocol/revision'

/** What the store answered to one op: it was applied (and replaced `overwrote`, if there is one), or it lost to `winner`. */
export interface RememberedResult {
  version: number
  overwrote?: RecordRow
  winner?: RecordRow
  /** What earlier ops of the same database replaced, told again because the answers that said so were lost. */
  unheard?: RecordRow[]
}

/**
 * What the store last answered to one writer, by {@link opFingerprint}. When a reply is lost, the device sends the same ops again. From
 * this memory they get the same answers as the first time, although others may have written since.
 *
 * It holds the successful results of the writer's last batch, and earlier ones that the device may have missed: see `perhapsUnheard`.
 * A writer is an HLC node, not a device: device ids are copied with their databases.
 */
export type PushMemory = Map<string, RememberedResult>

/** Memories kept for one user in one workspace. The one that was written longest ago is removed first. */
export const MEMORIES_PER_USER = 64
/** Characters that all memories of a user may take together, in their stored form. The newest memory is always kept. */
export const MEMORIES_MAX_TEXT = 16 * 1024 * 1024

/** Entries of one memory at most: those of two full requests. */
const MEMORY_MAX_OPS = 2_000
/** Characters of replaced payloads in one memory at most: twice what one batch may replace. */
const OVERWROTE_MAX_TEXT = 2 * OVERWROTE_REPLY_TEXT
/** Answers of earlier batches are written again with every batch, so only a few are carried over. */
const UNHEARD_MAX_OPS = 20
const UNHEARD_MAX_TEXT = 64 * 1024
/** The same for answers that only say "applied": about 25 bytes each. */
const UNHEARD_MAX_PLAIN = 64
/** Characters of payload text in one memory. Beyond this, winners are remembered without their payload. */
const MEMORY_MAX_TEXT = 2 * 1024 * 1024

/** The HLC nodes whose memories a batch needs: those in the stamps of its ops, and those that its ops name as `unheard`. */
export function writersOf(items: readonly (Pick<AcceptedOp, 'kind' | 'stamp' | 'unheard'> | Pick<RejectedOp, 'kind'>)[]): Set<string> {
  return new Set(items.flatMap(item => item.kind === 'op' ? [hlcNode(item.stamp.hlc), ...item.unheard ?? []] : []))
}

/**
 * Which memories of a user are to be removed, once those of this batch are stored.
 *
 * @param known Every memory of the user in the workspace, with the length of its text, newest first.
 */
export function forgottenWriters(known: readonly { node: string, length: number }[]): string[] {
  let text = 0
  const first = known.findIndex(({ length }, index) => index >= MEMORIES_PER_USER || ((text += length) > MEMORIES_MAX_TEXT && index > 0))
  return first < 0 ? [] : known.slice(first).map(({ node }) => node)
}

/** A short name for one exact op. 53 bits are plenty for the few hundred ops in one writer's batch. */
export function opFingerprint(tableName: string, pk: string, revision: Revision): string {
  return cyrb53(`${tableName}\u0000${pk}\u0000${revision.clock}\u0000${revision.hlc}\u0000${revision.opId}`)
}

/** cyrb53 (public domain, bryc): a fast 53-bit text hash that needs no platform crypto. */
function cyrb53(text: string): string {
  let h1 = 0xDEADBEEF
  let h2 = 0x41C6CE57
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    h1 = Math.imul(h1 ^ code, 2654435761)
    h2 = Math.imul(h2 ^ code, 1597334677)
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2246822507) ^ Math.imul(h2 ^ (h2 >>> 13), 3266489909)
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2246822507) ^ Math.imul(h1 ^ (h1 >>> 13), 3266489909)
  return (4294967296 * (2097151 & h2) + (h1 >>> 0)).toString(36)
}

/** Both memories in one. If that is too much, the oldest entries are left out. */
export function mergePushMemories(older: PushMemory, newer: PushMemory): PushMemory {
  const entries = [...older].filter(([fingerprint]) => !newer.has(fingerprint)).concat([...newer])
  let first = entries.length
  let text = 0
  while (first > 0 && entries.length - first < MEMORY_MAX_OPS) {
    text += replacedText(entries[first - 1]![1])
    if (text > OVERWROTE_MAX_TEXT) break
    first--
  }
  return new Map(entries.slice(first))
}

/**
 * The newest answers that the device may have missed. A new batch does not always prove that the device received the last reply: after
 * a lost reply, an edit of that batch may be held back or wait aside while other edits are sent. So these answers stay:
 *
 * - Answers that name a replaced revision, of records that are not in the new batch. The device must still learn what it replaced.
 *   They stay until the writer sends the record again.
 * - Answers that only say "applied". Without them, the edit would lose when it is sent again after others have built on it, and the
 *   device would report a conflict that never was.
 *
 * `isSent` tells whether the new batch has an op of a record, by `recordKey`.
 */
export function perhapsUnheard(memory: PushMemory, isSent: (key: string) => boolean): PushMemory {
  const plain = [...memory].filter(([, { overwrote, unheard, winner }]) => !overwrote && !unheard && !winner).slice(-UNHEARD_MAX_PLAIN)
  return new Map([...plain, ...replacing(memory, isSent)])
}

function replacing(memory: PushMemory, isSent: (key: string) => boolean): [string, RememberedResult][] {
  const entries = [...memory].filter(([, { overwrote, unheard }]) => {
    const replaced = overwrote ?? unheard?.[0]
    return replaced && !isSent(recordKey(replaced.tableName, replaced.pk))
  }).slice(-UNHEARD_MAX_OPS)
  let text = 0
  const first = entries.findLastIndex(([, result]) => (text += replacedText(result)) > UNHEARD_MAX_TEXT) + 1
  return entries.slice(first)
}

/** Characters of the replaced payloads in this answer. */
function replacedText({ overwrote, unheard = [] }: RememberedResult): number {
  return [...overwrote ? [overwrote] : [], ...unheard].reduce((sum, row) => sum + (row.payload?.length ?? 0), 0)
}

/** One answer as it is stored. Most have only a version, about 20 bytes. */
type StoredEntry = [fingerprint: string, version: number, rest?: Omit<RememberedResult, 'version'>]

/** The memory as text for the store. Once it holds `maxText` characters of payloads, further winners are kept without their payload. */
export function encodePushMemory(memory: PushMemory, maxText = MEMORY_MAX_TEXT): string {
  let budget = maxText
  const entries: StoredEntry[] = []
  for (const [fingerprint, result] of memory) {
    const { version, overwrote, winner, unheard } = result
    if (!overwrote && !winner && !unheard) {
      entries.push([fingerprint, version])
      continue
    }
    budget -= replacedText(result)
    const length = winner?.payload?.length ?? 0
    // The device can pull a winner. A replaced payload exists nowhere else.
    const kept = winner && length > budget ? { ...winner, payload: null } : winner
    if (kept === winner) budget -= length
    entries.push([fingerprint, version, { overwrote, winner: kept, unheard }])
  }
  return JSON.stringify(entries)
}

/**
 * The memory from what `encodePushMemory` has made of it.
 * @param text Null if the writer has never pushed: the memory is then empty.
 */
export function decodePushMemory(text: string | null): PushMemory {
  const memory: PushMemory = new Map()
  if (text === null) return memory
  for (const [fingerprint, version, rest] of JSON.parse(text) as StoredEntry[]) memory.set(fingerprint, { version, ...rest })
  return memory
}
