/** Streams from bytes to blocks on a real pool; the oracle is the text that the test sends. */
import { lastValueFrom, tap, toArray } from 'rxjs'
import { afterAll, describe, expect, it } from 'vitest'
import { SharedMemory } from '../../src/engine/memory.js'
import { compileKernel, WorkerPool } from '../../src/engine/pool.js'
import type { Block } from '../../src/flow/block.js'
import { holdOut } from '../../src/flow/epoch-rows.js'
import { openStreamInput } from '../../src/flow/open-stream.js'
import { blocksAhead } from '../../src/flow/stream-flow.js'
import { fitSchema } from '../../src/schema/fit.js'
import { writeProgram } from '../../src/schema/program.js'
import type { ByteStream } from '../../src/source/byte-stream.js'
import { commas } from '../dialect.js'

const memory = new SharedMemory(compileKernel())
const pool = new WorkerPool(1, { memory: memory.memory, module: memory.module })
afterAll(() => pool.close())

/** A text as a stream, at most `piece` bytes a read. */
class TextStream implements ByteStream {
  readonly name = 'a stream'
  closed = false
  reads = 0
  #at = 0
  readonly #bytes: Buffer

  constructor(
    text: string,
    private readonly piece: number,
  ) {
    this.#bytes = Buffer.from(text)
  }

  async read(into: Uint8Array): Promise<number> {
    this.reads++
    const bytes = this.#bytes.subarray(this.#at, this.#at + Math.min(this.piece, into.length))
    into.set(bytes)
    this.#at += bytes.length
    return bytes.length
  }

  close(): void {
    this.closed = true
  }
}

const roles = {
  features: undefined,
  ignore: [],
  numeric: ['x'],
  categorical: [],
  dates: [],
  interactions: [],
  weight: undefined,
}
const inference = {
  loss: 'squared',
  standardize: false,
  hashBits: undefined,
  maxCategories: 1000,
  minCount: 1,
  limit: null,
} as const
const reading = {
  seed: 1,
  lanes: undefined,
  memory: 1 << 20,
  shuffleBuffer: 1 << 12,
  onBadRow: 'fail',
} as const

async function openFlow(
  streams: readonly ByteStream[],
  blockBytes: number,
  shuffle = false,
  shuffleBuffer: number = reading.shuffleBuffer,
) {
  const parts = streams.map((stream) => ({ name: stream.name, open: () => stream }))
  const close = (): void => streams.forEach((stream) => stream.close())
  const input = await openStreamInput(
    { kind: 'streams', parts, readOnce: true, close },
    { memory, dialect: commas, options: { ...reading, blockBytes, shuffle, shuffleBuffer } },
  )
  const schema = fitSchema(memory, input.context, commas, input.names, input.sample, {
    target: 'y',
    ...roles,
    ...inference,
  })
  const encoding = writeProgram(memory, input.context, schema, true)
  for (const context of input.parts.contexts) holdOut(memory, context, 0, 0, false)
  const { strideWords, labelWord } = encoding.layout
  const labels = ({ slot, rows }: Block) =>
    Array.from(
      { length: rows },
      (_, row) => memory.views.f32[(slot.rows >>> 2) + row * strideWords + labelWord]!,
    )
  return { input, flow: input.flow(encoding, pool), labels }
}

/** Rows whose label is their number, some of them over several lines. */
function csv(from: number, to: number): string {
  const rows = Array.from(
    { length: to - from },
    (_, i) => `0.5,${i % 3 === 0 ? '"a\n,""b"' : 'c'},${from + i}\n`,
  )
  return `x,c,y\n${rows.join('')}`
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i)

describe('a stream', () => {
  it.each([
    [1, 64],
    [7, 100],
    [1000, 64],
    [64, 5000],
  ])(
    'that comes in pieces of %i bytes, cut into blocks of %i, has every row once and in order',
    async (piece, blockBytes) => {
      const { flow, labels } = await openFlow([new TextStream(csv(0, 200), piece)], blockBytes)
      const rows: number[] = []
      for (const block of await blocksOf(flow.blocks(1), (block) => rows.push(...labels(block))))
        expect(block.lane).toBe(0)
      expect(rows).toEqual(upTo(200))
    },
  )

  it('of several parts has a header in each', async () => {
    const parts = [csv(0, 50), '\ufeff' + csv(50, 51), csv(51, 120).trimEnd()]
    const { flow, labels } = await openFlow(
      parts.map((part) => new TextStream(part, 33)),
      80,
    )
    const rows: number[] = []
    await blocksOf(flow.blocks(1), (block) => rows.push(...labels(block)))
    expect(rows).toEqual(upTo(120))
    const different = [new TextStream(csv(0, 9), 33), new TextStream('x,d,y\n1,a,1\n', 33)]
    await expect(openFlow(different, 80)).rejects.toMatchObject({ code: 'MISSING_COLUMN' })
  })

  it('of several parts is read in lanes where it is shuffled: every row once, in order within its lane', async () => {
    // More than the 64 KiB that are sampled of each lane, so that most is read by the lanes.
    const bounds = [0, 9000, 9001, 21_000, 30_000]
    const parts = bounds.slice(1).map((to, i) => {
      const text = csv(bounds[i]!, to)
      // The second part has its columns in another order: a row of numbers, and no quotes to swap.
      return i === 1 ? 'y,extra,c,x\n9000,,"a\n,""b""",0.5\n' : text
    })
    const { flow, labels } = await openFlow(
      parts.map((part) => new TextStream(part, 10_000)),
      1000,
      true,
    )
    expect(flow.lanes).toBe(4)
    const rows: number[][] = [[], [], [], []]
    const lasts: number[] = []
    await blocksOf(flow.blocks(1), (block) => {
      expect(lasts).not.toContain(block.lane)
      rows[block.lane]!.push(...labels(block))
      if (block.last) lasts.push(block.lane)
    })
    expect(rows).toEqual(bounds.slice(1).map((to, i) => upTo(to).slice(bounds[i])))
    expect(lasts.sort()).toEqual([0, 1, 2, 3])
  })

  it('is read no further than there is room: slots are the credit', async () => {
    const stream = new TextStream(csv(0, 2000), 100)
    const { flow } = await openFlow([stream], 100)
    // Opening reads it whole, as its sample; what it gives out again is what is counted here.
    let blocks = 0
    const held: Block[] = []
    const subscription = flow.blocks(1).subscribe((block) => {
      blocks++
      held.push(block)
    })
    const pause = () => new Promise((resolve) => setTimeout(resolve, 50))
    // However slow the machine is: until nothing comes any more.
    let stuck = -1
    while (blocks === 0 || blocks !== stuck) {
      stuck = blocks
      await pause()
    }
    // Nothing is given back: blocks end where the slots do.
    expect(stuck).toBeGreaterThan(0)
    expect(stuck).toBeLessThanOrEqual(blocksAhead(pool.workers))
    held[0]!.release()
    while (blocks === stuck) await pause()
    await pause()
    expect(blocks).toBe(stuck + 1)
    subscription.unsubscribe()
  })

  it('of long records leaves room in the address space, however few of their rows fill a block', async () => {
    const text = `x,c,y\n${`0.5,${'c'.repeat(4000)},1\n`.repeat(50)}`
    // 64 KiB hold 16 such rows of 32 bytes, and slots for 21,846: without a bound the buffer would take 45 GB.
    const before = memory.memory.buffer.byteLength
    const { flow, labels } = await openFlow([new TextStream(text, 50_000)], 1 << 16, true, 32 << 20)
    expect(memory.memory.buffer.byteLength - before).toBeLessThan(2 ** 30 + 2 ** 27)
    const rows: number[] = []
    await blocksOf(flow.blocks(1), (block) => rows.push(...labels(block)))
    expect(rows).toHaveLength(50)
  })

  it('tells the line of a block that has bad rows, and of a record that does not end', async () => {
    const text = csv(0, 20)
    const bad = await openFlow([new TextStream(`${text}oops,c,1\n`, 64)], 64)
    const origins = (await blocksOf(bad.flow.blocks(1), () => {})).filter(
      (block) => block.origin.raw !== undefined,
    )
    expect(origins).toHaveLength(1)
    const { offset, line, raw } = origins[0]!.origin
    expect(Buffer.from(raw!).includes('oops')).toBe(true)
    expect(line).toBe(text.slice(0, offset).split('\n').length)
    const long = await openFlow([new TextStream(`${text}1,"${'d'.repeat(100)}",1\n`, 64)], 64)
    await expect(blocksOf(long.flow.blocks(1), () => {})).rejects.toMatchObject({
      code: 'UNTERMINATED_QUOTE',
      place: { file: 'a stream', line: text.split('\n').length, byte: text.length + 2, column: 'c' },
    })
    const plain = await openFlow([new TextStream(`${text}1,${'d'.repeat(100)},1\n`, 64)], 64)
    await expect(blocksOf(plain.flow.blocks(1), () => {})).rejects.toMatchObject({
      code: 'RECORD_TOO_LONG',
      place: { line: text.split('\n').length, byte: text.length },
    })
  })

  it('is closed with its input', async () => {
    const stream = new TextStream(csv(0, 5), 64)
    const { input } = await openFlow([stream], 64)
    expect([input.isStream, input.bytes, stream.closed]).toEqual([true, undefined, false])
    input.close()
    expect(stream.closed).toBe(true)
  })

  it('without a record is an error', async () => {
    await expect(openFlow([new TextStream('', 64)], 64)).rejects.toMatchObject({ code: 'EMPTY_INPUT' })
  })
})

/** All blocks, each given back as soon as `use` has seen it. */
function blocksOf(
  blocks: ReturnType<Awaited<ReturnType<typeof openFlow>>['flow']['blocks']>,
  use: (block: Block) => void,
) {
  const useAndRelease = (block: Block): void => {
    use(block)
    block.release()
  }
  return lastValueFrom(blocks.pipe(tap(useAndRelease), toArray()), { defaultValue: [] })
}
