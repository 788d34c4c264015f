import { ConvexError } from 'convex/values'
import type { WireErrorCode } from '#or3-sync/shared/sync/protocol/types'

/** What a client sees of a refused call; everything else is redacted in production. */
export interface RefusedCall {
  code: WireErrorCode
  message: string
  [key: string]: string
}

/** To be thrown: ends the call, takes back what it wrote, and tells the caller why. */
export function refuse(code: WireErrorCode, message: string, details: Record<string, string> = {}): ConvexError<RefusedCall> {
  return new ConvexError({ code, message, ...details })
}
