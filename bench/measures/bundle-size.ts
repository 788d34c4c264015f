import { bundleSize, type BundleSize } from '../bundle.ts'

/**
 * How many bytes, minified and gzipped, the engine and its gateway provider add to an app that has Dexie already. `first`: until the database is open and
 * edits are captured. `later`: what a tab needs to send and to follow, and so before its first sync.
 */
export async function measureBundleSize(): Promise<BundleSize> {
  const dexie = `export { Dexie, liveQuery } from 'dexie'`
  const engine = `export { createSyncEngine, GatewaySyncProvider } from 'or3-sync/client'`
  const { first, later } = await bundleSize(`${dexie}\n${engine}`)
  return { first: first - (await bundleSize(dexie)).first, later }
}
