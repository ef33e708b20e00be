// A run is a stream of events: take what you want of it, with RxJS or with `for await`.
import { paced, train } from 'millrace'
import { bufferCount, filter, map } from 'rxjs'

const options = { input: 'data/penguins.csv', target: 'Species', epochs: 8, batchSize: 32 } as const

// The mean loss of every 20 steps.
const means = train(options).pipe(
  filter((event) => event.type === 'step'),
  map(({ loss }) => loss),
  bufferCount(20),
  map((losses) => losses.reduce((sum, loss) => sum + loss, 0) / losses.length),
)
await means.forEach((mean) => console.log('#'.repeat(Math.round(mean * 40)).padEnd(45), mean.toFixed(4)))

// At the reader's own pace: of frequent events a slow reader gets the newest.
for await (const event of paced(train(options))) {
  if (event.type === 'epoch' && event.epoch % 4 === 0)
    console.log(`epoch ${event.epoch}: ${event.rows.trained} rows`)
}

// Prints:
// ##########                                    0.2523
// ####                                          0.0944
// ###                                           0.0715
// ###                                           0.0635
// ###                                           0.0656
// epoch 4: 344 rows
// epoch 8: 344 rows
