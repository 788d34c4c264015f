import type { LogLevel, MemoryLimitOptions, RateLimitOptions, StreamLimitOptions, TokenOptions } from './options'

/** `runtimeConfig.or3Sync`: stays on the server. Override with `NUXT_OR3_SYNC_…`. */
export interface ModuleRuntimeConfig {
  or3Sync: {
    /** `''`: by what is configured. */
    backend: string
    /** `''`: `.data/or3-sync.sqlite`. */
    sqlitePath: string
    databaseUrl: string
    rateLimits: Required<RateLimitOptions>
    allowedOrigins: string[]
    /** `key` signs; `''`: no tokens. `previousKey` is published beside it. `''` elsewhere: the default. */
    token: Required<TokenOptions> & { key: string, previousKey: string }
    streamLimits: Required<StreamLimitOptions>
    memoryLimits: Required<MemoryLimitOptions>
    /** 0: never. */
    purgeAfterDays: number
    logLevel: LogLevel
    /** `''`: no metrics. */
    metricsToken: string
  }
}

/** `runtimeConfig.public.or3Sync`: the browser sees it. Override with `NUXT_PUBLIC_OR3_SYNC_…`. */
export interface ModulePublicRuntimeConfig {
  or3Sync: {
    enabled: boolean
    ssrAuthEnabled: boolean
    /** `''`: by what is configured. */
    provider: string
    convexUrl: string
    /** `''`: `debug` in development, else `warn`. */
    clientLogLevel: LogLevel | ''
    /** `''`: none. */
    projectId: string
  }
}
