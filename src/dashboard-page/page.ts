/** The page of the dashboard: it draws what the server tells. */
import 'uplot/dist/uPlot.min.css'
import './page.css'
import { connect, type Link } from './connection.js'
import { Details } from './details.js'
import { Figures } from './figures.js'
import { Head } from './head.js'
import { LossChart } from './loss-chart.js'
import { RunChoice } from './run-choice.js'
import { Runs } from './runs.js'
import { startTheme } from './theme.js'
import { Throughput } from './throughput.js'
import { TimeShares } from './time-shares.js'
import { Weights } from './weights.js'
import { WorkerLanes } from './worker-lanes.js'

startTheme()
const runs = new Runs()
const head = new Head()
const loss = new LossChart()
const choice = new RunChoice(() => draw())
const views = [new Figures(), new Weights(), new Throughput(), new TimeShares(), new WorkerLanes()]
const details = new Details()
let link: Link = 'connecting'
/** Milliseconds between two drawings: more would take the run's time, and nobody would see it. */
const INTERVAL = 200
let isDue = false
let drawnAt = -Infinity

function draw(): void {
  isDue = false
  drawnAt = performance.now()
  choice.show(runs.all)
  const run = runs.all[choice.chosen]
  if (run === undefined) return
  head.show(run, runs, link)
  loss.show(runs.all)
  for (const view of views) view.show(run)
  details.show(run.picture)
}

/** Soon, and once, however much comes until then. */
function drawSoon(): void {
  if (isDue) return
  isDue = true
  // A page that is not seen is given no frames; it is drawn when it is seen again.
  setTimeout(() => requestAnimationFrame(draw), Math.max(0, drawnAt + INTERVAL - performance.now()))
}

connect(
  (message) => {
    runs.take(message)
    drawSoon()
  },
  (now) => {
    link = now
    drawSoon()
  },
)
