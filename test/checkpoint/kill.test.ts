/**
 * Processes that are killed (SIGKILL) at random moments, the same in every run, and go on. The oracle is the process that nobody
 * kills. The long version, 200 runs: scripts/kill-matrix.mts.
 */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Draw } from '../fuzz/draw.js'
import { temporaryFolder } from '../train/files.js'
import { difference, interrupted, uninterrupted } from './interrupted.js'
import { scenarios } from './scenarios.js'

const { folder, write } = temporaryFolder()
const thorough = process.env['MILLRACE_THOROUGH'] === '1'

describe.each(scenarios(folder, 8000).map((scenario, i) => ({ ...scenario, i })))(
  'a run that is killed: $name',
  (scenario) => {
    it('ends as one that is not', { timeout: 120_000 }, async () => {
      const whole = await uninterrupted(scenario, join(folder, `whole-${scenario.i}`))
      const draw = new Draw(scenario.i)
      for (let run = 0; run < (thorough ? 20 : 1); run++) {
        const interruptions = [2, 1].map((workers) => ({
          after: whole.milliseconds * (0.3 + draw.below(70) / 100),
          machine: { workers },
        }))
        const kills = await interrupted(scenario, join(folder, `killed-${scenario.i}`), interruptions, 3)
        expect(difference(whole, kills)).toBeUndefined()
      }
    })
  },
)

describe('the command, interrupted', () => {
  const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
  const rows = Array.from({ length: 20_000 }, (_, i) => `${(i * 7919) % 1000},${i % 3 === 0 ? 'a' : 'b'}\n`)
  const input = write('rows.csv', `x,y\n${rows.join('')}`)
  const common = ['train', input, '--target', 'y', '--epochs', '400', '--batch-size', '64']

  /** Runs the command; sends the signals, one each time that so many checkpoints have been told of. */
  function run(
    args: readonly string[],
    signals: NodeJS.Signals[] = [],
  ): Promise<{ code: number | null; err: string }> {
    return new Promise((resolve) => {
      const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
      let err = ''
      child.stderr.on('data', (text: Buffer) => {
        err += text.toString()
        if (!err.includes('checkpoint of step')) return
        for (const signal of signals.splice(0)) child.kill(signal)
      })
      child.on('close', (code) => resolve({ code, err }))
    })
  }

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'by %s writes a checkpoint, ends with 130, and goes on',
    async (signal) => {
      const [out, whole] = [
        join(folder, `${signal}.safetensors`),
        join(folder, `${signal}.whole.safetensors`),
      ]
      const kept = [...common, '-o', out, '--checkpoint', join(folder, signal), '--checkpoint-every', '100']
      const first = await run(kept, [signal])
      expect(first.code).toBe(130)
      const [, step] = /interrupted; the run goes on from step (\d+) when/.exec(first.err) ?? []
      const second = await run([...kept, '--resume', '--epochs', '400'])
      expect(second.code).toBe(0)
      expect(second.err).toContain(`step ${Number(step).toLocaleString('en-US')}, epoch`)
      expect((await run([...common, '-o', whole])).code).toBe(0)
      expect(readFileSync(out).equals(readFileSync(whole))).toBe(true)
    },
  )

  it('twice ends at once', async () => {
    const kept = [...common, '-o', join(folder, 'twice.safetensors'), '--checkpoint', join(folder, 'twice')]
    const { code } = await run([...kept, '--checkpoint-every', '100'], ['SIGINT', 'SIGINT'])
    expect(code).toBe(130)
  })
})
