import type { TestDeployment } from './open-deployment'

/** What one call of a function cost, in Convex's own units. */
export interface Cost { indexRanges: number, documentsRead: number, bytesRead: number, documentsWritten: number, bytesWritten: number }

/** A quarter of what one call may cost on Convex. */
export const QUARTER: Cost = { indexRanges: 1_024, documentsRead: 8_000, bytesRead: 4 * 1024 ** 2, documentsWritten: 4_000, bytesWritten: 4 * 1024 ** 2 }

type Handler = { _handler: (ctx: unknown, args: unknown) => Promise<unknown> }

/** Runs a function as `who` and counts, by convex-test's own counters: there a document that is replaced or deleted is read as well. */
export async function countCost<Result>(deployment: TestDeployment, who: string, fn: unknown, args: object): Promise<{ cost: Cost, result: Result }> {
  return await deployment.withIdentity({ subject: who }).mutation(async (ctx) => {
    const result = await (fn as Handler)._handler(ctx, args) as Result
    const metrics = await ctx.meta.getTransactionMetrics()
    return {
      result,
      cost: {
        indexRanges: metrics.databaseQueries.used,
        documentsRead: metrics.documentsRead.used,
        bytesRead: metrics.bytesRead.used,
        documentsWritten: metrics.documentsWritten.used,
        bytesWritten: metrics.bytesWritten.used,
      },
    }
  })
}
