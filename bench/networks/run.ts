import type { Settings } from '../settings.js'
import { measureProducts } from './products.js'
import { measureNetworkTraining } from './training.js'

/** How fast are networks: the products of matrices in them, and whole training steps? */
export async function measureNetworks(settings: Settings): Promise<void> {
  await measureProducts(settings)
  await measureNetworkTraining(settings)
}
