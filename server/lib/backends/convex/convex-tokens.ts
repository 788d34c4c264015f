import type { SyncToken } from '../../tokens/token-issuer'

export type MintToken = (subject: string) => Promise<SyncToken>

/** Milliseconds. A token that ends sooner is replaced, because it must last for the whole call. */
const MIN_LEFT_MS = 60_000
const MAX_TOKENS = 1_000

/** The tokens of the users whose calls go to the deployment. Each is minted once and used until shortly before it expires. */
export class ConvexTokens {
  readonly #tokens = new Map<string, SyncToken>()

  constructor(private readonly mint: MintToken, private readonly now: () => number) {}

  async get(subject: string): Promise<string> {
    const known = this.#tokens.get(subject)
    if (known && known.expiresAt - this.now() > MIN_LEFT_MS) return known.token
    const minted = await this.mint(subject)
    this.#tokens.delete(subject)
    if (this.#tokens.size >= MAX_TOKENS) this.#tokens.delete(this.#tokens.keys().next().value!)
    this.#tokens.set(subject, minted)
    return minted.token
  }

  /** Call it when the deployment has refused the token. */
  forget(subject: string): void {
    this.#tokens.delete(subject)
  }
}
