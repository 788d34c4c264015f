import { ConvexHttpClient } from 'convex/browser'
import { makeFunctionReference } from 'convex/server'
import type { JSONValue, Value } from 'convex/values'
import { type Loopback, startLoopback } from './loopback/start-loopback'
import { makeTokenKeys } from './token-keys'

/** What `npm run test:convex` says of a real deployment that it has pushed the functions to. */
const { OR3_CONVEX_TEST_URL, OR3_CONVEX_TEST_ADMIN_KEY, OR3_CONVEX_TEST_TOKEN_KEY } = process.env

/** Whether the suites run on the loopback, where faults can be had. */
export const isLoopback = !OR3_CONVEX_TEST_URL

/** Where a suite runs. */
export interface TestDeployment {
  url: string
  sign: (userId: string) => Promise<string>
  /** Runs a mutation as the deployment's owner, internal ones too. */
  run: (path: string, args: Record<string, JSONValue>) => Promise<unknown>
  /** @throws Error on a real deployment. */
  loopback: () => Loopback
  close: () => Promise<void>
}

/** A loopback of its own, or the real deployment. */
export async function openTestDeployment(): Promise<TestDeployment> {
  return isLoopback ? await openLoopback() : await openReal(OR3_CONVEX_TEST_URL!, OR3_CONVEX_TEST_ADMIN_KEY!)
}

async function openLoopback(): Promise<TestDeployment> {
  const keys = await makeTokenKeys()
  const loopback = await startLoopback({ providers: [keys.provider] })
  return { url: loopback.url, sign: keys.sign, run: loopback.run, loopback: () => loopback, close: loopback.stop }
}

async function openReal(url: string, adminKey: string): Promise<TestDeployment> {
  const keys = await makeTokenKeys(OR3_CONVEX_TEST_TOKEN_KEY)
  const owner = new ConvexHttpClient(url, { logger: false }) as ConvexHttpClient & { setAdminAuth: (key: string) => void }
  owner.setAdminAuth(adminKey)
  return {
    url, sign: keys.sign,
    run: async (path, args) => await owner.mutation(makeFunctionReference<'mutation'>(path), args as Record<string, Value>),
    loopback: () => { throw new Error('a real deployment has no faults to order') },
    close: async () => {},
  }
}
