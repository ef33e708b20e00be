import { describe, expect, it, vi } from 'vitest'
import { BackgroundFile, type WriteTarget } from '../../src/report/background-file.js'

/** A disk that takes what it is given when it is told to. */
class Disk implements WriteTarget {
  text = ''
  closed = 0
  /** Of the next calls: what they throw, or how many bytes they take at most. */
  answers: (Error | number)[] = []
  #go: () => void = () => {}
  #stuck: Promise<void> | undefined

  stick(): void {
    this.#stuck = new Promise((resolve) => (this.#go = resolve))
  }

  unstick(): void {
    this.#stuck = undefined
    this.#go()
  }

  async write(bytes: Uint8Array, from: number, count: number): Promise<{ bytesWritten: number }> {
    await this.#stuck
    const answer = this.answers.shift() ?? count
    if (typeof answer !== 'number') throw answer
    const bytesWritten = Math.min(answer, count)
    this.text += Buffer.from(bytes.subarray(from, from + bytesWritten)).toString()
    return { bytesWritten }
  }

  async close(): Promise<void> {
    this.closed++
  }
}

const told = (error: unknown): Error => new Error('told', { cause: error })
const opened = (disk: Disk): BackgroundFile => new BackgroundFile(disk, told)

describe('BackgroundFile', () => {
  it('writes everything in order, whatever the pieces', async () => {
    const disk = new Disk()
    // A system may take less than it is given.
    disk.answers = [1, 3, 10_000]
    const file = opened(disk)
    const pieces = [1, 70_000, 0, 2 ** 18, 30_000, 2 ** 18 + 1, 800_000, 5].map((length, i) =>
      `${i % 10}`.repeat(length),
    )
    for (const piece of pieces) file.write(piece)
    file.write(Buffer.from([0x61]))
    await file.close()
    expect(disk.text).toBe(`${pieces.join('')}a`)
    expect(disk.closed).toBe(1)
  })

  it('writes what is there after a moment, without being closed', async () => {
    const disk = new Disk()
    const file = opened(disk)
    file.write('now')
    await vi.waitFor(() => expect(disk.text).toBe('now'))
    await file.close()
  })

  it('is behind from 1 MiB until nothing waits', async () => {
    const disk = new Disk()
    disk.stick()
    const file = opened(disk)
    let before = 0
    for (; !file.isBehind; before++) file.write('x'.repeat(1024))
    expect(before * 1024).toBeGreaterThan(2 ** 20)
    // A chunk more, and the piece that did not fit into it.
    expect(before * 1024).toBeLessThanOrEqual(2 ** 20 + 2 ** 18 + 1024)
    disk.unstick()
    await vi.waitFor(() => expect(file.isBehind).toBe(false))
    await file.close()
    expect(disk.text).toHaveLength(before * 1024)
  })

  it('throws what the disk has said at the next call and when it is closed, and holds nothing more', async () => {
    const disk = new Disk()
    const failure = new Error('ENOSPC')
    disk.answers = [failure]
    const file = opened(disk)
    file.write('x')
    await vi.waitFor(() => expect(() => file.write('y')).toThrow('told'))
    await expect(file.close()).rejects.toMatchObject({ message: 'told', cause: failure })
    expect(disk).toMatchObject({ text: '', closed: 1 })
  })

  it('tries a pipe again that is full', async () => {
    const disk = new Disk()
    const full = Object.assign(new Error('full'), { code: 'EAGAIN' })
    disk.answers = [full, 2, full, full]
    const file = opened(disk)
    file.write('text')
    await file.close()
    expect(disk.text).toBe('text')
  })
})
