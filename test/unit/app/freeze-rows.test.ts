import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const SOURCE = join(import.meta.dirname, '../../../src/runtime/app/queries/live-value.ts')

type LiveValueModule = typeof import('#or3-sync/app/queries/live-value')

let folder: string
beforeAll(async () => { folder = await mkdtemp(join(tmpdir(), 'or3-freeze-')) })
afterAll(async () => { await rm(folder, { recursive: true, force: true }) })

/** As Nuxt builds it, which knows at build time whether it is `nuxt dev`. */
async function load(isDev: boolean): Promise<LiveValueModule> {
  const outfile = join(folder, `${isDev}.mjs`)
  await build({ entryPoints: [SOURCE], bundle: true, format: 'esm', outfile, define: { 'import.meta.dev': String(isDev), 'process.env.NODE_ENV': '"production"' }, logLevel: 'silent' })
  return await import(pathToFileURL(outfile).href) as LiveValueModule
}

const todo = () => ({ id: '1', title: 'Wash', clock: 1, hlc: 'h', op_id: 'o' })

describe('a row that useLiveQuery gave, changed in place', () => {
  it('throws in development, where it is changed; the list is the app\'s, and so is what the querier made itself', async () => {
    const { LiveValue } = await load(true)
    const live = new LiveValue<ReturnType<typeof todo>[]>([])
    live.settle({ kind: 'value', value: [todo(), { ...todo(), id: '2' }] })
    expect(() => { live.value.value![0]!.title = 'Dry' }).toThrow('Cannot assign to read only property \'title\'')
    expect(live.value.value!.reverse().map(({ id }) => id)).toEqual(['2', '1'])

    const one = new LiveValue<ReturnType<typeof todo> | undefined>(undefined)
    one.settle({ kind: 'value', value: todo() })
    expect(() => { one.value.value!.title = 'Dry' }).toThrow(TypeError)
    one.settle({ kind: 'value', value: undefined })

    const own = new LiveValue<{ count: number }>({ count: 0 })
    own.settle({ kind: 'value', value: { count: 1 } })
    own.value.value!.count++
    expect(own.value.value).toEqual({ count: 2 })
  })

  it('is left alone in production', async () => {
    const { LiveValue } = await load(false)
    const live = new LiveValue<ReturnType<typeof todo>[]>([])
    live.settle({ kind: 'value', value: [todo()] })
    live.value.value![0]!.title = 'Dry'
    expect(live.value.value![0]!.title).toBe('Dry')
  })
})
