import type { BuildSettings } from './runtime-config'

/** How a host runs a build of one of Nitro's presets, as far as sync is concerned. */
type Host = 'functions' | 'workers' | 'files' | 'lost-disk'

/**
 * The presets of Nitro 2 whose hosts do not fit. All others run a Node, Bun or Deno server for a long time. `lost-disk`: there is such a server,
 * and its disk is new at each start.
 */
const HOSTS: Readonly<Record<Host, readonly string[]>> = {
  'functions': ['aws-lambda', 'aws-amplify', 'azure', 'azure-functions', 'azure-swa', 'edgio', 'layer0', 'firebase', 'genezio', 'netlify', 'netlify-legacy', 'netlify-builder', 'stormkit', 'vercel', 'zeabur'],
  'workers': ['cloudflare', 'cloudflare-durable', 'cloudflare-module', 'cloudflare-module-legacy', 'cloudflare-pages', 'cloudflare-worker', 'deno', 'deno-deploy', 'netlify-edge', 'service-worker', 'vercel-edge', 'winterjs'],
  'files': ['static', 'cloudflare-pages-static', 'github-pages', 'gitlab-pages', 'netlify-static', 'vercel-static', 'zeabur-static', 'zerops-static'],
  'lost-disk': ['digital-ocean', 'firebase-app-hosting', 'heroku'],
}

const NO_STORE: Readonly<Record<Exclude<Host, 'files'>, string>> = {
  'functions': 'the file of the SQLite store is gone after each start, and two functions never share it',
  'workers': 'the SQLite store cannot be opened, because there are no files and no node:sqlite',
  'lost-disk': 'the file of the SQLite store is gone after each start, with everything in it',
}
const NO_STREAMS = 'event streams end with the time limit of the host, or do not come through, so devices poll every 2 s instead'

/** What will not work on a host, and what to do about it. */
export interface HostTrouble {
  fails: string[]
  fix: string
}

export interface HostFacts extends Pick<BuildSettings, 'enabled' | 'ssrAuthEnabled' | 'backend' | 'provider' | 'convexUrl'> {
  /** Nitro's preset, written with `-` or `_`. */
  preset: string
  /** Whether the build is files without a server. */
  isStatic: boolean
}

/**
 * Says what will not work where a build with this preset runs. Also with sync off, because it may be switched on when the server starts; but files
 * without a server keep the switches of the build. Null: everything works, or the app brings its own provider.
 */
export function hostTrouble({ enabled, ssrAuthEnabled, preset, isStatic, backend, provider, convexUrl }: HostFacts): HostTrouble | null {
  const host = isStatic ? 'files' : hostOf(preset)
  if (!host || !['', 'gateway', 'convex'].includes(provider)) return null
  if (host === 'files') return !enabled || !ssrAuthEnabled ? null : { fails: ['there is no server, so the routes below /api/sync do not exist'], fix: 'build with a server (nuxt build with the preset node-server)' }
  const store = backend || (convexUrl ? 'convex' : 'sqlite')
  const isDirect = provider === 'convex' && convexUrl !== ''
  const fails = [
    ...store === 'sqlite' && !isDirect ? [NO_STORE[host]] : [],
    ...host !== 'lost-disk' && !isDirect ? [NO_STREAMS] : [],
  ]
  if (fails.length === 0) return null
  return { fails, fix: host === 'lost-disk'
    ? 'use a host with a disk that stays, or a Convex URL, so that the store is there'
    : 'use a host with a long-running Node server (preset node-server), or let browsers talk to Convex directly (OR3_SYNC_PROVIDER=convex with a Convex URL)' }
}

function hostOf(preset: string): Host | null {
  const name = preset.replaceAll('_', '-')
  return (Object.keys(HOSTS) as Host[]).find(host => HOSTS[host].includes(name)) ?? null
}
