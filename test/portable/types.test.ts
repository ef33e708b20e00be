/** What the compiler knows of rows and predictions; checked by `npm run typecheck`. */
import { of, type Observable } from 'rxjs'
import { describe, expectTypeOf, it } from 'vitest'
import {
  fit,
  loadModel,
  type ClassPrediction,
  type Model,
  type PredictedRow,
  type Prediction,
} from '../../src/index.js'
import { loadModel as loadAnywhere } from '../../src/portable/index.js'

interface Flight {
  hour: number
  origin: string
}

const flights = [{ hour: 8, origin: 'JFK', late: true }]

describe('the type of a model', () => {
  it('knows the rows that it was trained on, without the target', () => {
    const use = async () => {
      const ofRows = await fit({ input: flights, target: 'late' })
      const ofObservable = await fit({ input: of(...flights), target: 'late' })
      // @ts-expect-error: a row lacks a column
      void ofRows.predict({ hour: 8 })
      // @ts-expect-error: and here has one of another type
      void ofObservable.predict({ hour: '8', origin: 'JFK' })
      return [ofRows, ofObservable].map((model) => model.predict({ hour: 8, origin: 'JFK' }))
    }
    expectTypeOf(use).returns.resolves.toEqualTypeOf<Prediction[]>()
    expectTypeOf(() => fit({ input: 'flights.csv', target: 'late' })).returns.resolves.toEqualTypeOf<Model>()
  })

  it('is what the program says of a file', () => {
    expectTypeOf(() => loadModel<Flight, ClassPrediction>('flights.safetensors')).returns.resolves.toExtend<
      Model<Flight, ClassPrediction>
    >()
    const use = (model: Model<Flight, ClassPrediction>) => {
      // @ts-expect-error: a row lacks a column
      void model.predict({ hour: 8 })
      // @ts-expect-error: and here has one of another type
      void model.predict({ hour: '8', origin: 'JFK' })
      return {
        one: model.predict({ hour: 8, origin: 'JFK' }),
        several: model.predict([{ hour: 8, origin: 'JFK' }]),
        observed: model.predictStream(of({ hour: 8, origin: 'JFK' })),
      }
    }
    expectTypeOf(use).returns.toEqualTypeOf<{
      one: ClassPrediction
      several: ClassPrediction[]
      observed: Observable<PredictedRow<Flight, ClassPrediction>>
    }>()
    const stream = (model: Model<Flight>) => model.predictStream([{ hour: 8, origin: 'JFK' }])
    expectTypeOf(stream).returns.toExtend<AsyncIterable<PredictedRow<Flight>>>()
  })

  it('is the same anywhere', () => {
    const use = () => loadAnywhere<Flight>(new Uint8Array()).predict({ hour: 8, origin: 'JFK' })
    expectTypeOf(use).returns.toEqualTypeOf<Prediction>()
  })
})
