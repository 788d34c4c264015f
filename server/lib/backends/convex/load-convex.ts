import { startError } from '#or3-sync/shared/sync/errors/start-error'

/**
 * Convex's own clients, loaded when a Convex store is opened and not before: the package is an optional peer.
 *
 * @throws Error of one line with an install hint
 */
export async function loadConvex() {
  try {
    const [{ ConvexClient, ConvexHttpClient }, { makeFunctionReference }] = await Promise.all([import('convex/browser'), import('convex/server')])
    return { ConvexClient, ConvexHttpClient, makeFunctionReference }
  }
  catch (cause) {
    throw startError('convex-not-installed', 'the convex backend needs the package "convex", which cannot be loaded; run: npm install convex', { cause })
  }
}
