import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Ledger } from '../../scripts/load/ledger.ts'
import { Pusher } from '../../scripts/load/pusher.ts'
import { bundleServer, ServerProcess } from '../../scripts/load/server-process.ts'
import type { Bench } from '../bench.ts'
import { bundleForNode } from '../bundle.ts'
import type { SubjectName } from '../subject-name.ts'
import { LightReader } from './light-reader.ts'

const PATIENCE_MS = 60_000

export interface Readers {
  server: ServerProcess
  ledger: Ledger
  pusher: Pusher
  readers: readonly LightReader[]
  /** Opens the streams, one after the other. */
  connect(): Promise<void>
}

/** Runs the server of `npm run load`, or the least server of a change feed, with readers that are evenly spread over the workspaces. */
export async function withReaders<T>(bench: Bench, name: SubjectName, size: { readers: number, workspaces: number }, work: (readers: Readers) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'or3-bench-readers-'))
  const script = name === 'floor' ? await bundleForNode('bench/server/floor-feed.ts') : await bundleServer()
  const server = new ServerProcess(script, join(folder, 'store.sqlite'))
  const workspaces = Array.from({ length: size.workspaces }, (_, index) => `workspace-${index}`)
  const ledger = new Ledger()
  const pusher = new Pusher(workspaces, () => server.port, ledger)
  const readers = Array.from({ length: size.readers }, () => new LightReader(sentAt => ledger.deliver(performance.now() - sentAt)))
  const connect = async () => {
    for (const [index, reader] of readers.entries()) {
      const workspace = workspaces[index % workspaces.length]!
      reader.connect(server.port, workspace, `${workspace}.${index}`)
      await waitFor('a stream to open', () => reader.connected)
    }
  }
  try {
    const start = () => server.start()
    await (bench.profiles ? bench.profiles.aroundChild(start) : start())
    const result = await work({ server, ledger, pusher, readers, connect })
    // A server that ends by itself writes its profile.
    if (bench.profiles) {
      await server.stop()
      await bench.profiles.printChild()
    }
    return result
  }
  finally {
    for (const reader of readers) reader.stop()
    pusher.close()
    await server.kill()
    await rm(folder, { recursive: true, force: true })
  }
}

/** @throws Error that says what did not happen within a minute */
export async function waitFor(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`waited a minute for ${what}`)
    await new Promise(resolve => setTimeout(resolve, 5))
  }
}
