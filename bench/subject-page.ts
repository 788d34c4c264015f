import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { launchProfile } from '../test/support/launch-chromium.ts'
import type { BenchSubject } from './page/subject.ts'

export type SubjectName = 'floor' | 'engine'
export type PageName = SubjectName | 'shapes'

/** The subject's methods as they are called from outside the page. */
export type Remote<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never
}
export type RemoteSubject = Remote<BenchSubject>

/** Opens a subject in a browser of its own with an empty profile on disk, runs `work`, and removes both. */
export async function withSubject<S extends object = BenchSubject, T = unknown>(origin: string, name: PageName, work: (subject: Remote<S>) => Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), 'or3-bench-profile-'))
  const context = await launchProfile(profile)
  try {
    const page = context.pages()[0] ?? await context.newPage()
    await page.goto(`${origin}/${name}`)
    await page.waitForFunction(() => 'subject' in window)
    return await work(remoteOf<S>(page))
  }
  finally {
    await context.close()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

function remoteOf<S extends object>(page: Page): Remote<S> {
  return new Proxy({} as Remote<S>, {
    get: (_, method) => (...args: unknown[]) =>
      page.evaluate(`window.subject[${JSON.stringify(method)}](...${JSON.stringify(args)})`),
  })
}
