import { defineTable, internalMutationGeneric, makeFunctionReference, mutationGeneric, queryGeneric } from 'convex/server'
import { ConvexError, v } from 'convex/values'

/** A table for the tests of the loopback itself, beside those of the app. */
export const probeTables = {
  probes: defineTable({ key: v.string(), value: v.any() }).index('by_key', ['key']),
}

/** Functions that do what the sync functions never do. */
export const add = mutationGeneric({
  args: { key: v.string(), value: v.any() },
  returns: v.null(),
  handler: async (ctx, document) => {
    await ctx.db.insert('probes', document)
    return null
  },
})

export const count = queryGeneric({
  args: { key: v.string() },
  returns: v.number(),
  handler: async (ctx, { key }) => (await ctx.db.query('probes').withIndex('by_key', q => q.eq('key', key)).collect()).length,
})

export const fail = mutationGeneric({
  args: { code: v.optional(v.string()) },
  handler: (_ctx, { code }) => { throw code ? new ConvexError({ code }) : new Error('an inner secret') },
})

export const whoAmI = queryGeneric({
  args: {},
  returns: v.union(v.string(), v.null()),
  handler: async ctx => (await ctx.auth.getUserIdentity())?.subject ?? null,
})

export const addLater = mutationGeneric({
  args: { key: v.string() },
  returns: v.null(),
  handler: async (ctx, { key }) => {
    await ctx.scheduler.runAfter(0, makeFunctionReference<'mutation'>('probe:addHidden'), { key })
    return null
  },
})

export const addHidden = internalMutationGeneric({
  args: { key: v.string() },
  returns: v.null(),
  handler: async (ctx, { key }) => {
    await ctx.db.insert('probes', { key, value: null })
    return null
  },
})
