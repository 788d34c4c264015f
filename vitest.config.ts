import { fileURLToPath } from 'node:url'
import { defineVitestProject } from '@nuxt/test-utils/config'
import { defineConfig } from 'vitest/config'

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const alias = {
  '#or3-sync': pathOf('./src/runtime'),
  'or3-sync/schema': pathOf('./src/runtime/schema.ts'),
  'or3-sync/client': pathOf('./src/runtime/client.ts'),
  'or3-sync/server': pathOf('./server/lib/index.ts'),
  'or3-sync/convex': pathOf('./src/convex/index.ts'),
  'or3-sync/testing': pathOf('./src/testing/index.ts'),
}

/** Nuxt's own environment, in which composables are mounted. */
const mounted = await defineVitestProject({
  // In the copies that mutants are put into, node_modules is a link to another folder.
  server: { fs: { strict: false } },
  test: {
    name: 'module-nuxt',
    include: ['test/module/{composables,components}/**/*.test.ts'],
    environment: 'nuxt',
    environmentOptions: { nuxt: { rootDir: pathOf('./test/fixtures/todo-app'), domEnvironment: 'happy-dom' } },
    sequence: { groupOrder: 0, setupFiles: 'list' },
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
// Ahead of the file that starts Nuxt, which the project begins with.
mounted.test!.setupFiles = [pathOf('./test/support/indexed-db-for-nuxt.ts'), ...mounted.test!.setupFiles ?? []]

export default defineConfig({
  test: {
    // `.ci/run` counts from this file. What is skipped shows by name in both reporters.
    reporters: process.env.OR3_TEST_RESULTS
      ? ['verbose', ['json', { outputFile: process.env.OR3_TEST_RESULTS }]]
      : ['default'],
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts'],
          environment: 'node',
          sequence: { groupOrder: 0 },
          // Real timers and real HTTP: a busy machine may take its time.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'convex',
          include: ['test/convex/**/*.test.ts'],
          environment: 'node',
          // convex-test replaces globals (fetch, Date, timers) for good: each file in a process of its own.
          pool: 'forks',
          isolate: true,
          sequence: { groupOrder: 0 },
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      mounted,
      {
        resolve: { alias },
        test: {
          name: 'module',
          include: ['test/module/start/**/*.test.ts'],
          environment: 'node',
          sequence: { groupOrder: 0 },
          testTimeout: 30_000,
          // An app is built.
          hookTimeout: 120_000,
        },
      },
      {
        resolve: { alias },
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['./test/support/build-once.ts'],
          // Real browsers beside whatever else a CI machine does: one more try there, none where somebody looks.
          retry: process.env.CI ? 1 : 0,
          // One browser and one server at a time: two cores are shared by three processes already.
          fileParallelism: false,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
