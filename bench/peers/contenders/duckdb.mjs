// DuckDB: reads the file and sums every column, on two threads; it learns nothing.
import { DuckDBInstance, version } from '@duckdb/node-api'
import { job, say } from './lines.mjs'

const instance = await DuckDBInstance.create(':memory:', { threads: '2' })
const connection = await instance.connect()
const sums = [
  ...job.numbers.map((name) => `sum("${name}")`),
  ...job.categories.map((name) => `count("${name}")`),
]
const result = await connection.runAndReadAll(
  `select count(*), ${sums.join(', ')} from read_csv('${job.train}')`,
)
say({ trained: true, rows: Number(result.getRows()[0][0]) })
say({ versions: { DuckDB: version() } })
