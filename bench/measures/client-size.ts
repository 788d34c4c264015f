import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleSize } from '../bundle.ts'
import type { Samples } from '../samples.ts'

const DEXIE = `export { Dexie, liveQuery } from 'dexie'`
const ENGINE = `export { createSyncEngine, GatewaySyncProvider } from 'or3-sync/client'`
const README = join(import.meta.dirname, '../../README.md')

/**
 * How many kB, minified and gzipped, the engine and its gateway provider add to an app that has Dexie already: until the database is open and edits
 * are captured, what is loaded later, and the first of the two with the schema file that the README shows.
 */
export async function measureClientSize(): Promise<Samples> {
  const dexie = (await bundleSize(DEXIE)).first
  const engine = await bundleSize(`${DEXIE}\n${ENGINE}`)
  const withSchema = await bundleSize(`${DEXIE}\n${ENGINE}\n${await readmeSchema()}`)
  return {
    'client-first': [(engine.first - dexie) / 1_000],
    'client-later': [engine.later / 1_000],
    'client-schema': [(withSchema.first - dexie) / 1_000],
  }
}

/** The first code block of the README that declares a schema. */
async function readmeSchema(): Promise<string> {
  const blocks = (await readFile(README, 'utf8')).matchAll(/```ts\n([\s\S]*?)```/g)
  const block = [...blocks].map(([, code]) => code!).find(code => code.includes('export default defineSyncSchema('))
  if (!block) throw new Error('the README shows no schema')
  return block
}
