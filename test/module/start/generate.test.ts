import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
const run = promisify(execFile)
let app: string

beforeAll(async () => {
  app = await mkdtemp(join(tmpdir(), 'or3-generate-'))
  for (const part of ['app', 'shared', 'server']) await cp(join(ROOT, 'test/fixtures/todo-app', part), join(app, part), { recursive: true })
  const page = join(app, 'app/app.vue')
  await writeFile(page, (await readFile(page, 'utf8')).replace('<main>', '<main><SyncStatus /><SyncProgress />'))
  await mkdir(join(app, 'app/components'))
  await writeFile(join(app, 'app/components/SyncProgress.vue'), '<template><p>own progress</p></template>')
  await symlink(join(ROOT, 'node_modules'), join(app, 'node_modules'))
  await writeFile(join(app, 'nuxt.config.ts'), `export default defineNuxtConfig({ modules: [${JSON.stringify(join(ROOT, 'src/module'))}], compatibilityDate: '2026-01-01', telemetry: false, devtools: { enabled: false }, or3Sync: { enabled: true, ssrAuthEnabled: true } })`)
})
afterAll(async () => { await rm(app, { recursive: true, force: true }) })

it('`nuxt generate` opens no store: it makes its pages on a machine that does not reach that of production', async () => {
  await run(process.execPath, [join(ROOT, 'node_modules/nuxt/bin/nuxt.mjs'), 'generate'], {
    // There is no folder below a file.
    cwd: app, env: { ...process.env, NODE_ENV: 'production', VITEST: '', OR3_SYNC_SQLITE_PATH: join(app, 'nuxt.config.ts/or3-sync.sqlite') }, maxBuffer: 1e8,
  })
  expect(await readFile(join(app, '.output/public/index.html'), 'utf8')).toContain('id="status"')
}, 120_000)

it('of the components, only those that the app uses are in a bundle, and one of the app with the same name wins', async () => {
  const folder = join(app, '.output/public/_nuxt')
  const scripts = await Promise.all((await readdir(folder)).filter(name => name.endsWith('.js')).map(name => readFile(join(folder, name), 'utf8')))
  const classes = scripts.flatMap(script => [...script.matchAll(/or3-sync-(?:boundary|conflicts|progress|queue|status)\b/g)].map(([name]) => name))
  expect([...new Set(classes)]).toEqual(['or3-sync-status'])
  expect(await readFile(join(app, '.output/public/index.html'), 'utf8')).toMatch(/>Connecting<\/span>.*<p>own progress<\/p>/)
})
