import { describe, expect, it } from 'vitest'
import { closingLine, countOf, sum } from '../src/count.ts'

describe('the count of a command', () => {
  it.each([
    ['its closing line', 'Tests…\n12 passed, 0 failed, 1 skipped\n', 0, [12, 0, 1]],
    ['a closing line without skipped tests', '12 passed, 2 failed\n', 1, [12, 2, 0]],
    ['the last closing line', '1 passed, 1 failed\n3 passed, 0 failed\n', 0, [3, 0, 0]],
    ['one, when there is no closing line', 'Checked 79 files.\n', 0, [1, 0, 0]],
    ['a failure, when there is no closing line', 'Found 6 errors.\n', 1, [0, 1, 0]],
    ['a failure, when only the exit code says so', '12 passed, 0 failed\n', 1, [12, 1, 0]],
    ['a failure, when a signal ended it', '', null, [0, 1, 0]],
  ])('is %s', (_what, output, exitCode, [passed, failed, skipped]) => {
    expect(countOf(output, exitCode)).toEqual({ passed, failed, skipped })
  })

  it('is added to the others in one closing line', () => {
    const counts = [countOf('', 0), countOf('12 passed, 0 failed, 1 skipped', 0), countOf('5 passed, 2 failed', 1)]
    expect(closingLine(sum(counts))).toBe('18 passed, 2 failed, 1 skipped')
  })
})
