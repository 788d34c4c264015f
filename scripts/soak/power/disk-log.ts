/** A call that changed which names there are. */
export type NameChange = { kind: 'create' | 'unlink', name: string } | { kind: 'rename', name: string, to: string }

/** One call of the server that changed the store's folder, as power-shim.c records it. `name` is a file of the folder. */
export type DiskCall =
  | { kind: 'sync', name: string }
  | { kind: 'write', name: string, offset: number, data: Buffer }
  | { kind: 'truncate', name: string, size: number }
  | NameChange
  /** The folder itself was synced: what was created, renamed and unlinked before is on disk. */
  | { kind: 'sync-folder' }

const HEAD_BYTES = 17

/**
 * Reads what power-shim.c has recorded. A record at the end that is cut off is left out: its call was not made either.
 *
 * @throws Error when the process has changed a file by a call that the shim does not record
 */
export function readDiskLog(log: Buffer): DiskCall[] {
  const calls: DiskCall[] = []
  for (let at = 0; at + HEAD_BYTES <= log.length;) {
    const nameEnd = at + HEAD_BYTES + log.readUInt32LE(at + 1)
    const end = nameEnd + log.readUInt32LE(at + 13)
    if (end > log.length) break
    calls.push(toCall(String.fromCharCode(log[at]!), log.toString('utf8', at + HEAD_BYTES, nameEnd), Number(log.readBigUInt64LE(at + 5)), log.subarray(nameEnd, end)))
    at = end
  }
  return calls
}

function toCall(kind: string, name: string, place: number, data: Buffer): DiskCall {
  switch (kind) {
    case 'C': return { kind: 'create', name }
    case 'U': return { kind: 'unlink', name }
    case 'S': return { kind: 'sync', name }
    case 'D': return { kind: 'sync-folder' }
    case 'W': return { kind: 'write', name, offset: place, data }
    case 'T': return { kind: 'truncate', name, size: place }
    case 'R': return { kind: 'rename', name, to: data.toString() }
    default: throw new Error(`the server changed "${name}" by ${kind === 'X' ? data.toString() : `a record "${kind}"`}, which power-shim.c does not record: the cut cannot be simulated`)
  }
}
