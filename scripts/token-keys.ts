import { generateTokenKeys } from '../server/lib/tokens/generate-token-keys.ts'

/** `npm run token:keys` prints a new key pair for `GET /api/sync/token`, as lines for a `.env` file. It writes no file. */
const { privateKey, publicKey, jwksDataUri } = await generateTokenKeys()
process.stdout.write(`# The server's; secret. It signs tokens.
OR3_SYNC_TOKEN_KEY='${privateKey}'
# Its public half, for OR3_SYNC_TOKEN_PREVIOUS_KEY while keys change:
# ${publicKey}
# The same as a JWKS, for a Convex deployment that cannot fetch /api/sync/.well-known/jwks.json:
# ${jwksDataUri}
`)
