import { useRuntimeConfig } from 'nitropack/runtime'
import { createTokenIssuer } from '../lib/tokens/create-token-issuer'
import type { TokenIssuer } from '../lib/tokens/token-issuer'

/**
 * The signer of tokens: the environment now, else runtime config with its `NUXT_…` overrides. Undefined without a key.
 *
 * @throws Error of one line
 */
export async function openTokens(): Promise<TokenIssuer | undefined> {
  const { token } = useRuntimeConfig().or3Sync
  const { OR3_SYNC_TOKEN_KEY, OR3_SYNC_TOKEN_PREVIOUS_KEY, OR3_SYNC_TOKEN_ISSUER, OR3_SYNC_TOKEN_AUDIENCE } = process.env
  const key = OR3_SYNC_TOKEN_KEY || asText(token.key)
  if (!key) return undefined
  return createTokenIssuer({
    key,
    previousKey: OR3_SYNC_TOKEN_PREVIOUS_KEY || asText(token.previousKey),
    issuer: OR3_SYNC_TOKEN_ISSUER || token.issuer,
    audience: OR3_SYNC_TOKEN_AUDIENCE || token.audience,
  })
}

/** A JWK given as a `NUXT_…` override arrives parsed. */
function asText(key: unknown): string {
  return typeof key === 'string' ? key : JSON.stringify(key)
}
