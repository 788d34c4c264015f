import type { JSONValue } from 'convex/values'

/** What a client sends on the socket. Actions are not part of what we depend on. */
export type ClientMessage =
  | { type: 'Connect', sessionId: string, connectionCount: number, clientTs: number }
  | { type: 'Authenticate', tokenType: 'User', value: string, baseVersion: number }
  | { type: 'Authenticate', tokenType: 'None' | 'Admin', baseVersion: number }
  | { type: 'ModifyQuerySet', baseVersion: number, newVersion: number, modifications: QueryChange[] }
  | { type: 'Mutation', requestId: number, udfPath: string, args: JSONValue[] }
  | { type: 'Event' }

export type QueryChange =
  | { type: 'Add', queryId: number, udfPath: string, args: JSONValue[] }
  | { type: 'Remove', queryId: number }

export interface StateVersion {
  querySet: number
  identity: number
  /** See `encodeTimestamp`. */
  ts: string
}

export type StateModification =
  | { type: 'QueryUpdated', queryId: number, value: JSONValue, logLines: string[], journal: null }
  | { type: 'QueryFailed', queryId: number, errorMessage: string, errorData?: JSONValue, logLines: string[], journal: null }
  | { type: 'QueryRemoved', queryId: number }

export type ServerMessage =
  | { type: 'Transition', startVersion: StateVersion, endVersion: StateVersion, modifications: StateModification[], clientClockSkew?: number, serverTs?: number }
  | { type: 'MutationResponse', requestId: number, success: true, result: JSONValue, ts: string, logLines: string[] }
  | { type: 'MutationResponse', requestId: number, success: false, result: string, errorData?: JSONValue, logLines: string[] }
  | { type: 'AuthError', error: string, baseVersion: number, authUpdateAttempted: boolean }
  | { type: 'FatalError', error: string }
  | { type: 'Ping' }
