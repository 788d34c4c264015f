export interface TokenKeys {
  /** For `OR3_SYNC_TOKEN_KEY`: a private JWK, one line. */
  privateKey: string
  /** Its public half as a JWK, one line: for `OR3_SYNC_TOKEN_PREVIOUS_KEY` of a server that does not sign with it. */
  publicKey: string
  /** The JWKS as a data URI, for a store that cannot fetch the app's `/api/sync/.well-known/jwks.json`. */
  jwksDataUri: string
}

/** Makes a new key pair for tokens (ES256). Nothing is stored. */
export async function generateTokenKeys(): Promise<TokenKeys> {
  const { calculateJwkThumbprint, exportJWK, generateKeyPair } = await import('jose')
  const pair = await generateKeyPair('ES256', { extractable: true })
  const { d, ...bare } = await exportJWK(pair.privateKey)
  const publicJwk = { ...bare, kid: await calculateJwkThumbprint(bare), alg: 'ES256', use: 'sig' }
  const jwks = JSON.stringify({ keys: [publicJwk] })
  return {
    privateKey: JSON.stringify({ ...publicJwk, d }),
    publicKey: JSON.stringify(publicJwk),
    jwksDataUri: `data:text/plain;charset=utf-8;base64,${Buffer.from(jwks).toString('base64')}`,
  }
}
