import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { sqliteBackend } from '../../../server/lib/backends/sqlite/sqlite'
import { compareRevisions } from '../../../src/runtime/shared/sync/protocol/revision'

const WRITES = 2_500
/** Every so many writes, both processes read the record before either of them goes on: one of the two must then be refused. */
const MEET_EVERY = 250
/** In memory where that can be had: on a disk, 5,000 commits wait for it half a minute. What is tested does not depend on the disk. */
const FOLDER = existsSync('/dev/shm') ? '/dev/shm' : tmpdir()

interface Report { version: number, clock: number, hlc: string, opId: string }

let folder: string
beforeEach(() => { folder = mkdtempSync(join(FOLDER, 'or3-two-writers-')) })
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/**
 * A process that writes one record `WRITES` times. Every second write counts: it reads the record, adds one, and expects the revision that it
 * has read. The others change another field and expect nothing. At a meeting it says that it has read, and waits until the other one has, too.
 */
async function bundleWriter(): Promise<string> {
  const root = fileURLToPath(new URL('../../..', import.meta.url))
  const outfile = join(folder, 'writer.mjs')
  await build({
    stdin: {
      resolveDir: root,
      loader: 'ts',
      contents: `
        import { z } from 'zod'
        import { sqliteBackend } from './server/lib/backends/sqlite/sqlite'
        import { getRow } from './server/lib/service/get-row'
        import { writeRows } from './server/lib/service/write-rows'
        import { defineSyncSchema } from './src/runtime/shared/sync/schema/sync-schema'
        const schema = defineSyncSchema({ version: 1, tables: { counters: { schema: z.object({ id: z.string(), count: z.number(), last: z.string().optional() }), primaryKey: 'id' } } })
        const [, , path, name] = process.argv
        const backend = sqliteBackend({ path, patienceMs: 60_000 })
        const parts = { schema, backend, now: Date.now }
        const write = edit => writeRows(parts, { workspaceId: 'w1', edits: [edit] })
        const note = (version, { clock, hlc, op_id }) => reports.push({ version, clock, hlc, opId: op_id })
        const reports = []
        let conflicts = 0
        const bothHaveRead = () => new Promise((resolve) => { process.once('message', resolve); process.send('read') })
        async function count(meets) {
          for (;;) {
            const row = await getRow(parts, { workspaceId: 'w1', table: 'counters', pk: 'c' })
            if (meets) await bothHaveRead()
            meets = false
            const edit = { table: 'counters', update: { id: 'c', count: row.count + 1 }, expect: row }
            try {
              const { rows, serverVersion } = await write(edit)
              return note(serverVersion, rows[0])
            }
            catch (error) {
              if (error.code !== 'CONFLICT') throw error
              conflicts++
            }
          }
        }
        for (let n = 0; n < ${WRITES}; n++) {
          if (n % 2 === 0) await count(n % ${MEET_EVERY} === 0)
          else {
            const { rows, serverVersion } = await write({ table: 'counters', update: { id: 'c', last: name + n } })
            note(serverVersion, rows[0])
          }
        }
        await backend.close()
        await new Promise(resolve => process.send({ reports, conflicts }, resolve))
        process.disconnect()`,
    },
    bundle: true, platform: 'node', format: 'esm', outfile, alias: { '#or3-sync': join(root, 'src/runtime') }, logLevel: 'silent',
  })
  return outfile
}

interface Result { reports: Report[], conflicts: number }

/** Both writers, until they have ended. Whoever has read at a meeting goes on when the other one has. */
async function runBoth(writer: string, path: string): Promise<Result[]> {
  const children = ['one', 'two'].map(name => fork(writer, [path, name], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }))
  let waiting = 0
  return await Promise.all(children.map(async (child) => {
    let done: Result | undefined
    child.on('message', (message: 'read' | Result) => {
      if (message !== 'read') done = message
      else if (++waiting === children.length) {
        waiting = 0
        for (const each of children) each.send('go')
      }
    })
    await once(child, 'exit')
    if (!done) {
      for (const each of children) each.kill()
      throw new Error('a writer has failed')
    }
    return done
  }))
}

it('two processes that write one record of one file 5,000 times lose no update, and its revisions rise', async () => {
  const path = join(folder, 'store.sqlite')
  const first = sqliteBackend({ path })
  await first.push({ workspaceId: 'w1', userId: 'ada', now: Date.now(), items: [{
    kind: 'op', tableName: 'counters', pk: 'c', op: 'put', payload: '{"id":"c","count":0}',
    stamp: { deviceId: 'd', opId: '00000000-0000-4000-8000-000000000000', hlc: '0md000000:0000:device10', clock: 1 },
  }] })
  const writer = await bundleWriter()
  const results = await runBoth(writer, path)
  const reports = results.flatMap(({ reports }) => reports).sort((a, b) => a.version - b.version)

  expect(reports.map(({ version }) => version)).toEqual(Array.from({ length: 2 * WRITES }, (_, index) => index + 2))
  expect(reports.map(({ clock }) => clock)).toEqual(reports.map((_, index) => index + 2))
  expect(reports.findIndex((report, index) => index > 0 && compareRevisions(reports[index - 1]!, report) >= 0), 'each revision is above the one before').toBe(-1)
  expect(reports.findIndex(({ hlc }, index) => index > 0 && reports[index - 1]!.hlc >= hlc), 'and so is its HLC').toBe(-1)
  expect(new Set(reports.map(({ hlc }) => hlc.slice(15))).size, 'both stamp with the node of the workspace').toBe(1)
  expect(results.reduce((sum, { conflicts }) => sum + conflicts, 0), 'at each meeting, one of them was refused').toBeGreaterThanOrEqual(WRITES / MEET_EVERY)

  const row = await first.get({ workspaceId: 'w1', tableName: 'counters', pk: 'c' })
  expect(JSON.parse(row!.payload!)).toMatchObject({ count: WRITES, last: expect.stringMatching(/^(one|two)\d+$/) as string })
  await first.close()
}, 120_000)
