// Interrupted and gone on with: the model is that of a run that nobody interrupted, byte for byte.
import { readFileSync } from 'node:fs'
import { lastValueFrom, tap } from 'rxjs'
import { fit, RunControl, train } from 'millrace'

const options = { input: 'data/penguins.csv', target: 'Species', epochs: 30, batchSize: 16 } as const
await fit({ ...options, out: 'whole.safetensors' })

const control = new RunControl()
const interrupted = train({ ...options, control, checkpoint: 'checkpoints', out: 'resumed.safetensors' })
await lastValueFrom(
  interrupted.pipe(tap((event) => event.type === 'step' && event.step === 100 && control.stop())),
).catch((error: unknown) => {
  console.log(`interrupted: ${(error as Error).name}`)
})
await fit({ ...options, checkpoint: 'checkpoints', resume: true, out: 'resumed.safetensors' })

const [whole, resumed] = ['whole', 'resumed'].map((name) => readFileSync(`${name}.safetensors`))
console.log(`the same bytes: ${whole!.equals(resumed!)}`)

// Prints:
// interrupted: AbortError
// the same bytes: true
