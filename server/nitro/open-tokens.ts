import { createTokenIssuer } from '../lib/tokens/create-token-issuer'
import type { TokenIssuer } from '../lib/tokens/token-issuer'
import type { StartSettings } from './read-start-settings'

/**
 * Makes the issuer of tokens. Undefined without a key.
 *
 * @throws Error of one line when the key cannot be used.
 */
export async function openTokens({ server: { token } }: Pick<StartSettings, 'server'>): Promise<TokenIssuer | undefined> {
  return token.key ? await createTokenIssuer(token) : undefined
}
