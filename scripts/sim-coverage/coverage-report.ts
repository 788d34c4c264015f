import { chooseSeeds } from './choose-seeds.ts'
import type { SourceBranch } from './source-branches.ts'

/** A branch that at most this share of the seeds takes counts as rare. */
const RARE_SHARE = 0.005

/** From this length on, the code of a branch is cut. */
const MAX_CODE = 50

/** Collects which seed takes which branches, and writes the report. */
export class CoverageReport {
  #branches: readonly SourceBranch[]
  #taken = new Map<number, readonly number[]>()

  constructor(branches: readonly SourceBranch[]) {
    this.#branches = branches
  }

  /** `indexes`: of the branches that the seed takes. */
  add(seed: number, indexes: readonly number[]): void {
    this.#taken.set(seed, indexes)
  }

  /** The report in lines: the share of each file, the branches that no seed took, the rare ones with their seeds, and the seeds that suffice. */
  lines(): string[] {
    // Workers answer in any order. By rising seed, the same seeds give the same report.
    const taken = new Map([...this.#taken].sort(([a], [b]) => a - b))
    const seedsOf = this.#branches.map((): number[] => [])
    for (const [seed, indexes] of taken) for (const index of indexes) seedsOf[index]!.push(seed)
    const chosen = chooseSeeds(taken)
    return [
      ...this.#shares(seedsOf),
      '\nNot reached:', ...this.#select(seedsOf, seeds => seeds.length === 0),
      '\nReached by few seeds:', ...this.#select(seedsOf, seeds => seeds.length > 0 && seeds.length <= Math.max(1, taken.size * RARE_SHARE)),
      `\n${chosen.length} of ${taken.size} seeds reach the same (in brackets: how many branches each adds):`,
      chosen.map(({ seed, adds }) => `${seed} (${adds})`).join(', '),
      chosen.map(({ seed }) => seed).sort((a, b) => a - b).join(', '),
    ]
  }

  #shares(seedsOf: readonly (readonly number[])[]): string[] {
    const files = Map.groupBy(this.#branches.keys(), index => this.#branches[index]!.file)
    const share = (name: string, indexes: readonly number[]) => {
      const reached = indexes.filter(index => seedsOf[index]!.length).length
      return `${`${reached} / ${indexes.length}`.padStart(13)}${`${(100 * reached / indexes.length).toFixed(1)} %`.padStart(9)}  ${name}`
    }
    return ['Branches reached:', ...[...files].map(([file, indexes]) => share(file, indexes)), share('all', [...this.#branches.keys()])]
  }

  #select(seedsOf: readonly (readonly number[])[], matches: (seeds: readonly number[]) => boolean): string[] {
    return this.#branches.flatMap(({ file, line, text, ...branch }, index) => {
      const seeds = seedsOf[index]!
      return matches(seeds) ? [`${file}:${line}: ${text}  [${describe(branch)}${seeds.length ? `; seeds ${seeds.join(', ')}` : ''}]`] : []
    })
  }
}

function describe({ kind, code }: Pick<SourceBranch, 'kind' | 'code'>): string {
  if (code === undefined) return kind
  return `${kind}: ${code.length < MAX_CODE ? code : `${code.slice(0, MAX_CODE)}...`}`
}
