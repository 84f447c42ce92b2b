/**
 * Takes turns among candidates in proportion to their shares, without bursts: with shares of 3 and 1 the second one
 * has each fourth turn. Where all shares are equal it costs next to nothing.
 *
 * The method is that of nginx (smooth weighted round robin): each turn everybody earns his share, and who has
 * most pays all that was earned.
 */
export class WeightedTurns {
  /** The shares of the candidates of the turn under way; 0: it does not take part. Set them after {@link begin}. */
  readonly shares: number[] = []
  readonly #credits = new WeakMap<object, { value: number }>()
  #turn = -1

  /** Begins a turn among so many candidates. */
  begin(count: number): void {
    this.shares.length = count
  }

  /** Whose turn it is. At least one share is above 0. */
  next<Candidate extends object>(candidates: readonly Candidate[]): Candidate {
    const count = candidates.length
    if (!this.#isEven) return this.#nextByCredit(candidates)
    this.#turn = (this.#turn + 1) % count
    for (let step = 0; step < count; step += 1) {
      const index = (this.#turn + step) % count
      if (this.shares[index] === 0) continue
      this.#turn = index
      return at(candidates, index)
    }
    throw new Error('nobody takes part')
  }

  /** Whether those who take part have equal shares. */
  get #isEven(): boolean {
    let first = 0
    for (const share of this.shares) {
      if (share === 0 || share === first) continue
      if (first !== 0) return false
      first = share
    }
    return true
  }

  #nextByCredit<Candidate extends object>(candidates: readonly Candidate[]): Candidate {
    let earned = 0
    let best: Candidate | undefined
    let bestCredit = { value: Number.NEGATIVE_INFINITY }
    for (const [index, candidate] of candidates.entries()) {
      const share = this.shares[index] ?? 0
      if (share === 0) continue
      const credit = this.#creditOf(candidate)
      credit.value += share
      earned += share
      if (credit.value <= bestCredit.value) continue
      best = candidate
      bestCredit = credit
    }
    if (best === undefined) throw new Error('nobody takes part')
    bestCredit.value -= earned
    return best
  }

  #creditOf(candidate: object): { value: number } {
    const known = this.#credits.get(candidate)
    if (known !== undefined) return known
    const credit = { value: 0 }
    this.#credits.set(candidate, credit)
    return credit
  }
}

/** An item that is there. */
export function at<T>(list: readonly T[], index: number): T {
  const item = list[index]
  if (item === undefined) throw new Error('a strategy is asked only when there are candidates')
  return item
}
