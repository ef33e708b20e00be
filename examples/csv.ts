// A CSV, a target, a model file: which species is this penguin?
import { fit, loadModel } from 'millrace'

await fit({ input: 'data/penguins.csv', target: 'Species', epochs: 20, out: 'penguins.safetensors' })

const model = await loadModel('penguins.safetensors')
console.log(
  model.predict({
    Island: 'Biscoe',
    'Beak Length (mm)': 46.1,
    'Beak Depth (mm)': 13.2,
    'Flipper Length (mm)': 211,
    'Body Mass (g)': 4500,
    Sex: null, // not known
  }),
)

// Prints:
// {
//   prediction: 'Gentoo',
//   probabilities: {
//     Adelie: 0.0008778286282904446,
//     Chinstrap: 0.0009281719685532153,
//     Gentoo: 0.9981940388679504
//   }
// }
