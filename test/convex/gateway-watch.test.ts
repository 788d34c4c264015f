import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { convexBackend, type SyncBackend } from 'or3-sync/server'
import { connectConvex } from '../../server/lib/backends/convex/connect-convex'
import type { MintToken } from '../../server/lib/backends/convex/convex-tokens'
import { ConvexTokens } from '../../server/lib/backends/convex/convex-tokens'
import { loadConvex } from '../../server/lib/backends/convex/load-convex'
import { WatchSocket } from '../../server/lib/backends/convex/watch-socket'
import { acceptedOp, NOW } from '../../src/testing/contract/make-op'
import { until } from '../support/engine-harness'
import { type Loopback, startLoopback } from './loopback/start-loopback'
import { makeTokenKeys, type TokenKeys } from './token-keys'

const SERVICE = 'or3-sync:gateway'

let loopback: Loopback
let keys: TokenKeys
const opened: SyncBackend[] = []
beforeAll(async () => {
  keys = await makeTokenKeys()
  loopback = await startLoopback({ providers: [keys.provider], functions: 'suite' })
  await loopback.run('suite:addMembers', { members: [{ workspace_id: 'w1', user_id: 'ada', role: 'owner' }] })
  await loopback.run('sync:newEpoch', {})
  await loopback.setTime(NOW)
})
afterEach(async () => { for (const backend of opened.splice(0)) await backend.close() })
afterAll(() => loopback.stop())

const mint = async (subject: string, signer = keys) => ({ token: await signer.sign(subject), expiresAt: Date.now() + 600_000 })

function open(mintToken: MintToken = mint) {
  const warnings: unknown[] = []
  const backend = convexBackend({ url: loopback.url, mintToken, logger: { warn: (_, fields) => warnings.push(fields?.error) } })
  opened.push(backend)
  return { backend, warnings }
}

/** A gateway that watches, and how often it has heard of a commit. */
function watch(mintToken?: MintToken) {
  const { backend, warnings } = open(mintToken)
  const heard = { count: 0 }
  const stop = backend.watch('w1', () => heard.count++)
  return { heard, warnings, stop, backend }
}

let written = 0
const write = () => open().backend.push({ workspaceId: 'w1', userId: 'ada', items: [acceptedOp({ pk: `k${written++}` })], now: NOW })
const aWhile = () => new Promise(resolve => setTimeout(resolve, 1_000))

/** A commit of another server is heard of; what was heard before does not count. */
async function hearsOfCommits({ heard }: { heard: { count: number } }): Promise<void> {
  const before = heard.count
  await write()
  await until(() => heard.count > before)
}

describe('a gateway that watches a deployment', () => {
  it('hears of what others commit, until it stops', async () => {
    await write()
    const watching = watch()
    await until(() => watching.heard.count)
    await hearsOfCommits(watching)
    watching.stop()
    const before = watching.heard.count
    await write()
    await aWhile()
    expect([watching.heard.count, watching.warnings]).toEqual([before, []])
  })

  it('goes on where it could not sign a token for a while, and says so once', async () => {
    let isAway = true
    const watching = watch(async (subject) => {
      if (isAway) throw new Error('the key store is away')
      return await mint(subject)
    })
    await aWhile()
    isAway = false
    await hearsOfCommits(watching)
    expect(watching.warnings).toMatchObject([{ message: 'the key store is away' }])
  })

  it('goes on where the deployment took none of its tokens for a while, and says so once', async () => {
    // As while the deployment cannot read the public key.
    const strangers = await makeTokenKeys()
    let isRefused = true
    const watching = watch(subject => mint(subject, isRefused && subject === SERVICE ? strangers : keys))
    await until(() => watching.warnings.length)
    await aWhile()
    isRefused = false
    await hearsOfCommits(watching)
    expect(watching.warnings).toMatchObject([{ message: 'the deployment does not take the gateway\'s token' }])
  })

  it('goes on where its token was lost later, and tells each trouble anew', async () => {
    let isAway = false
    const watching = watch(async (subject) => {
      if (isAway) throw new Error('the key store is away')
      return { ...await mint(subject), expiresAt: 0 }
    })
    await write()
    await until(() => watching.heard.count)
    for (let trouble = 1; trouble <= 2; trouble++) {
      isAway = true
      // The client may just have fetched a token that the deployment has not seen: that one is good until the next time.
      await until(async () => {
        await loopback.expireTokens()
        await loopback.dropSockets()
        await aWhile()
        return watching.warnings.length
      }, count => count === trouble)
      isAway = false
      await hearsOfCommits(watching)
    }
  })
})

describe('a socket that cannot be opened', () => {
  it('is opened later: nobody who watches is forgotten, nothing is thrown where nobody catches it, and closing it ends', async () => {
    const rejections: unknown[] = []
    const note = (error: unknown) => rejections.push(error)
    process.on('unhandledRejection', note)
    const warnings: unknown[] = []
    let tries = 0
    const load: typeof loadConvex = async () => {
      if (++tries < 3) throw new Error('not there')
      return await loadConvex()
    }
    const socket = new WatchSocket({ url: loopback.url, tokens: new ConvexTokens(mint, Date.now), logger: { warn: (_, fields) => warnings.push(fields?.error) }, random: () => 0.5, load })
    const values: unknown[] = []
    socket.watch('w1', value => values.push(value))
    await until(() => values.length)
    expect([tries, warnings]).toMatchObject([3, [{ message: 'not there' }]])
    await socket.close()

    const broken = new WatchSocket({ url: loopback.url, tokens: new ConvexTokens(mint, Date.now), random: () => 0.5, load: () => Promise.reject(new Error('never there')) })
    broken.watch('w1', () => {})
    await aWhile()
    await broken.close()
    process.off('unhandledRejection', note)
    expect(rejections).toEqual([])
  })

  it.each(['htp:/nonsense', 'name.convex.cloud', ''])('because its URL is "%s" is refused at once, by name', (url) => {
    expect(() => connectConvex({ url, mintToken: mint })).toThrow(`[or3-sync] the Convex URL is "${url}"; it must be the URL of a deployment, such as https://name.convex.cloud`)
  })
})
