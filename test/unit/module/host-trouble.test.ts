import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { hostTrouble, type HostFacts } from '../../../src/setup/host-trouble'

const PRESETS = fileURLToPath(new URL('../../../node_modules/nitropack/dist/presets', import.meta.url))
const URL_SET = { convexUrl: 'https://name.convex.cloud' }

const on = (preset: string, facts: Partial<HostFacts> = {}) => hostTrouble({ enabled: true, ssrAuthEnabled: true, preset, isStatic: false, backend: '', provider: '', convexUrl: '', ...facts })
const fails = (preset: string, facts?: Partial<HostFacts>) => on(preset, facts)?.fails.map(line => /SQLite|streams|no server/.exec(line)![0]) ?? []

describe('where a build runs', () => {
  it.each([
    ['node-server', []], ['node-cluster', []], ['bun', []], ['deno-server', []], ['render-com', []], ['koyeb', []], ['iis-node', []], ['nitro-dev', []],
    ['vercel', ['SQLite', 'streams']], ['netlify', ['SQLite', 'streams']], ['aws-lambda', ['SQLite', 'streams']], ['aws_lambda', ['SQLite', 'streams']], ['azure-functions', ['SQLite', 'streams']],
    ['cloudflare-pages', ['SQLite', 'streams']], ['cloudflare_module', ['SQLite', 'streams']], ['vercel-edge', ['SQLite', 'streams']], ['deno-deploy', ['SQLite', 'streams']],
    ['heroku', ['SQLite']], ['github-pages', ['no server']],
  ])('%s: %j', (preset, expected) => {
    expect(fails(preset)).toEqual(expected)
  })

  it('with Convex as the store, only streams are in trouble; with browsers that talk to it directly, nothing is', () => {
    expect(fails('vercel', URL_SET)).toEqual(['streams'])
    expect(fails('vercel', { ...URL_SET, provider: 'convex' })).toEqual([])
    expect(fails('heroku', URL_SET)).toEqual([])
  })

  it('SQLite behind the gateway stays in trouble where there is a Convex URL', () => {
    expect(fails('vercel', { ...URL_SET, backend: 'sqlite' })).toEqual(['SQLite', 'streams'])
  })

  it('without a URL the provider convex goes through the gateway', () => {
    expect(fails('vercel', { provider: 'convex' })).toEqual(['SQLite', 'streams'])
  })

  it('a static build has no routes, whatever its preset is', () => {
    expect(fails('node-server', { isStatic: true })).toEqual(['no server'])
  })

  it('files without a server are no trouble while sync is off: they keep the switches of the build', () => {
    expect([on('static', { enabled: false }), on('static', { ssrAuthEnabled: false })]).toEqual([null, null])
    expect(fails('vercel', { enabled: false })).toEqual(['SQLite', 'streams'])
  })

  it('an app with a provider of its own does not need the gateway', () => {
    expect(on('vercel', { provider: 'mine' })).toBeNull()
    expect(on('static', { provider: 'mine' })).toBeNull()
  })

  it('every preset of Nitro that makes no server for a long time is known', () => {
    const sources = readdirSync(PRESETS, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('preset.mjs')).map(file => readFileSync(join(PRESETS, file), 'utf8'))
    const named = sources.flatMap(source => [...source.matchAll(/^\s{4}name: "([\w-]+)"/gm)].map(([, name]) => name!))
    const stays = ['alwaysdata', 'bun', 'cleavr', 'cli', 'cloudflare-dev', 'deno-server', 'flight-control', 'iis-handler', 'iis-node', 'koyeb', 'node-cluster', 'node-listener', 'node-server', 'platform-sh', 'render-com', 'zerops', 'nitro-dev', 'nitro-prerender', 'base-worker']
    expect(named.length).toBeGreaterThan(40)
    expect([...new Set(named.filter(name => !stays.includes(name) && !on(name)))]).toEqual([])
  })
})
