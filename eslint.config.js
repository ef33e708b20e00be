import tseslint from 'typescript-eslint'

/**
 * Imports go one way: cli → train → flow → engine → step → model, loss, optimizer. Type imports leave no trace at run
 * time and may go any way. A file takes the last of these rules that matches it, so each one is complete.
 */
function imports(files, { folders = [], entries = true, packages = [] }) {
  const patterns = []
  if (folders.length > 0) {
    patterns.push({
      regex: `^\\.{1,2}/(.*/)?(${folders.join('|')})/`,
      message: 'Imports go one way: see CONTRIBUTING.md.',
    })
  }
  if (entries) {
    patterns.push({
      regex: '^(\\.\\./)+(src/)?(index|train|predict|evaluate)\\.js$',
      message: 'Imports go one way: see CONTRIBUTING.md.',
    })
  }
  for (const name of packages) patterns.push({ regex: `^${name}(/|$)`, message: packageReasons[name] })
  return {
    files,
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: patterns.map((pattern) => ({ ...pattern, allowTypeImports: true })) },
      ],
    },
  }
}

const packageReasons = {
  zod: 'Importing zod costs 80 ms: only src/options and src/cli check with it.',
  rxjs: 'Streams belong to src/flow and above; what a worker runs stays free of them.',
  piscina: 'Only src/engine knows the pool.',
  'node:.*': 'millrace/predict runs where there is no Node.',
}
const foundations = ['step', 'model', 'loss', 'optimizer', 'schedule', 'metric', 'numeric']

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', '**/node_modules/', 'workers/kernel/', '.cache/'] },
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-constant-binary-expression': 'error',
      'no-unreachable': 'error',
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      // noUncheckedIndexedAccess makes `array[i]!` the only way to read a typed array in a hot loop.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // An `async` function without `await` still turns what it throws into a rejection.
      '@typescript-eslint/require-await': 'off',
      // The kernel's functions are methods in its interface only: they know no `this`.
      '@typescript-eslint/unbound-method': 'off',
      // The word offsets of layout.ts are enums that add up to plain addresses.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { parser: tseslint.parser },
    rules: { 'no-unused-vars': 'error' },
  },
  imports(['src/*.ts', 'src/{run,predicting}/**/*.ts'], { folders: ['cli'], packages: ['zod', 'piscina'] }),
  imports(['src/options.ts', 'src/options/**/*.ts'], {
    folders: ['cli', 'flow', 'engine', 'source', 'artifact'],
    packages: ['piscina'],
  }),
  imports(
    foundations.map((folder) => `src/${folder}/**/*.ts`),
    {
      folders: ['cli', 'report', 'flow', 'engine', 'source', 'schema', 'artifact'],
      packages: ['zod', 'rxjs', 'piscina'],
    },
  ),
  imports(['src/engine/**/*.ts'], { folders: ['cli', 'report', 'flow', 'source'], packages: ['zod'] }),
  imports(['src/{schema,source,artifact}/**/*.ts'], {
    folders: ['cli', 'report', 'flow'],
    packages: ['zod'],
  }),
  imports(['src/portable/**/*.ts'], {
    folders: ['cli', 'report', 'flow', 'engine', 'source'],
    packages: ['zod', 'rxjs', 'piscina', 'node:.*'],
  }),
  imports(['src/export/**/*.ts'], {
    folders: ['cli', 'report', 'flow', 'engine', 'source', 'step', 'portable'],
    packages: ['zod', 'rxjs', 'piscina'],
  }),
  imports(['src/flow/**/*.ts'], { folders: ['cli', 'report'], packages: ['zod'] }),
  imports(['src/report/**/*.ts'], { folders: ['cli', 'flow', 'engine'], packages: ['zod'] }),
  imports(['workers/*.ts'], {
    folders: ['cli', 'report', 'flow', 'source', 'artifact'],
    packages: ['zod', 'rxjs', 'piscina'],
  }),
)
