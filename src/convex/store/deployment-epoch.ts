import type { SyncReader, SyncWriter } from './sync-data-model'

/** The epoch of a deployment that nobody has written to. */
const UNWRITTEN = '0'

/** The name of this incarnation of the store. */
export async function readEpoch(db: SyncReader): Promise<string> {
  return (await db.query('sync_deployment').first())?.epoch ?? UNWRITTEN
}

/** Names the store with its first write. Devices notice by the name when it is replaced by another. */
export async function ensureEpoch(db: SyncWriter): Promise<void> {
  if (!await db.query('sync_deployment').first()) await db.insert('sync_deployment', { epoch: crypto.randomUUID() })
}

/** Names a new incarnation. */
export async function renewEpoch(db: SyncWriter): Promise<string> {
  const epoch = crypto.randomUUID()
  const deployment = await db.query('sync_deployment').first()
  await (deployment ? db.patch(deployment._id, { epoch }) : db.insert('sync_deployment', { epoch }))
  return epoch
}
