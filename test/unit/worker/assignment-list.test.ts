import { describe, expect, it } from 'vitest'
import { AssignmentList } from '../../../src/worker/assignment-list.ts'
import type { JobAssignment } from '../../../src/worker/job-assignment.ts'

/** Enough of an assignment for a list. */
function assignment(handle: string): JobAssignment {
  return { handle } as JobAssignment
}

function handlesOf(list: AssignmentList): string[] {
  return [...list].map(({ handle }) => handle)
}

describe('a list of assignments', () => {
  it.each([
    ['the first', 0, ['b', 'c']],
    ['one in between', 1, ['a', 'c']],
    ['the last', 2, ['a', 'b']],
  ])('keeps the order of the others when %s is taken out, and takes more', (_which, at, rest) => {
    const list = new AssignmentList()
    const all = ['a', 'b', 'c'].map(assignment)
    for (const one of all) list.add(one)
    const gone = all[at]
    if (gone === undefined) throw new Error('there is none')
    list.delete(gone)
    expect(handlesOf(list)).toEqual(rest)
    list.add(gone)
    expect(handlesOf(list)).toEqual([...rest, gone.handle])
    expect(list.size).toBe(3)
  })

  it('is empty when all are taken out, and can be used again', () => {
    const list = new AssignmentList()
    const one = assignment('a')
    list.add(one)
    list.delete(one)
    expect([list.size, handlesOf(list)]).toEqual([0, []])
    list.add(one)
    expect(handlesOf(list)).toEqual(['a'])
  })

  it('may change while it is gone through: those of the beginning are met, each once', () => {
    const list = new AssignmentList()
    for (const handle of ['a', 'b', 'c']) list.add(assignment(handle))
    const met: string[] = []
    for (const one of list) {
      met.push(one.handle)
      list.delete(one)
      list.add(assignment('new'))
    }
    expect(met).toEqual(['a', 'b', 'c'])
    expect(handlesOf(list)).toEqual(['new', 'new', 'new'])
  })
})
