export const PEERS = ['rxdb', 'pouchdb', 'dexie-cloud', 'replicache', 'tinybase'] as const
export type PeerName = typeof PEERS[number]

/** What is measured: the floor, the engine, or another library. */
export type SubjectName = 'floor' | 'engine' | PeerName

/** Whether it is a library whose server is not part of the benchmark. */
export function isLocalOnly(name: SubjectName): boolean {
  return !['floor', 'engine', 'rxdb'].includes(name)
}
