import type { ApiFromModules, FunctionArgs, FunctionReturnType } from 'convex/server'
import type { SyncFunctions } from 'or3-sync/convex'
import type { WireErrorCode } from '#or3-sync/shared/sync/protocol/types'

/** The sync functions as the types of Convex name them. */
export type ConvexSyncApi = ApiFromModules<{ sync: SyncFunctions }>['sync']
export type ConvexFunctionName = Extract<keyof ConvexSyncApi, string>
export type ConvexArgs<Name extends ConvexFunctionName> = FunctionArgs<ConvexSyncApi[Name]>
export type ConvexReturns<Name extends ConvexFunctionName> = FunctionReturnType<ConvexSyncApi[Name]>

/** Who calls: a user, the gateway itself (it may only ask for version numbers), or whoever holds the deployment's admin key. */
export type ConvexCaller = { userId: string } | 'service' | 'operator'

export type ConvexReply<Value> =
  | { status: 'done', value: Value }
  /** The function itself refused. */
  | { status: 'refused', code: WireErrorCode, message: string, /** Which edit of a write is refused. */ index?: number }

/** A Convex deployment that has the sync functions, as `sync:…`. */
export interface ConvexDeployment {
  /** Whether `operator` calls are possible. */
  readonly canOperate: boolean
  /** @throws BackendUnavailableError while the deployment cannot be reached */
  call<Name extends ConvexFunctionName>(name: Name, args: ConvexArgs<Name>, caller: ConvexCaller): Promise<ConvexReply<ConvexReturns<Name>>>
  /** Calls back with the workspace's version and epoch, now and whenever one of them changes. @returns the unsubscriber */
  watch(workspaceId: string, onValue: (value: ConvexReturns<'watchChanges'>) => void): () => void
  close(): Promise<void>
}
