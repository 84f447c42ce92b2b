import type { JobAssignment } from './job-assignment.ts'

/**
 * The jobs that a session holds, linked through themselves: each job comes and goes, and a set would hash it twice and
 * make a new table again and again.
 */
export class AssignmentList {
  #first: JobAssignment | undefined
  #last: JobAssignment | undefined
  #size = 0

  /** How many there are. */
  get size(): number {
    return this.#size
  }

  /** Appends one that is in no list. */
  add(assignment: JobAssignment): void {
    const last = this.#last
    assignment.previous = last
    if (last === undefined) this.#first = assignment
    else last.next = assignment
    this.#last = assignment
    this.#size += 1
  }

  /** Takes one of this list out. */
  delete(assignment: JobAssignment): void {
    const { previous, next } = assignment
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    assignment.previous = undefined
    assignment.next = undefined
    this.#size -= 1
  }

  /** Those of now, the oldest first: the list may change while they are gone through. */
  [Symbol.iterator](): Iterator<JobAssignment> {
    const assignments: JobAssignment[] = []
    for (let one = this.#first; one !== undefined; one = one.next) assignments.push(one)
    return assignments.values()
  }
}
