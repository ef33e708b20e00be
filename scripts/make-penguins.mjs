// Writes data/penguins.csv from the vega-datasets package: every row, column and value as it stands there, in its
// order; what is null there is an empty field. Run it again only when the package has new data.
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const entry = fileURLToPath(import.meta.resolve('vega-datasets'))
const source = path.join(path.dirname(entry), '..', 'data', 'penguins.json')
const rows = JSON.parse(readFileSync(source, 'utf8'))
const columns = Object.keys(rows[0])
// No name or text of this file holds a comma, a quote or a line break, so nothing needs quoting.
const lines = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))]
const text = lines.map((fields) => `${fields.join(',')}\n`).join('')
if (text.includes('"')) throw new Error('the source has a quote: this script does not escape it')
writeFileSync(new URL('../data/penguins.csv', import.meta.url), text)
