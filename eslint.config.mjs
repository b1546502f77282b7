import { existsSync } from 'node:fs';
import js from '@eslint/js';
import lit from 'eslint-plugin-lit';
import tseslint from 'typescript-eslint';

const enginePurity = {
  paths: [
    { name: 'vscode', message: 'This code runs outside the editor. Pass the value in from src/editor.' },
  ],
};

export default tseslint.config(
  {
    ignores: [
      'dist/',
      'out/',
      'node_modules/',
      'media/',
      '.vscode-test/',
      // What "npm start" scaffolds belongs to its learner.
      'exercise-*/',
      'exercises/*/starter/**',
      '**/*.d.mts',
      'src/training/engine/onnx/onnx_pb.ts',
      'src/training/**/*.assembly.ts',
    ],
  },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: [
          'src/*/tsconfig.json',
          'test/tsconfig.json',
          'tsconfig.tests.json',
          ...['exercises/tsconfig.json'].filter((path) => existsSync(path)),
        ],
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-empty': ['error', { allowEmptyCatch: false }],
    },
  },
  {
    files: ['src/training/**', 'src/lab/**', 'src/course/**', 'src/protocol/**', 'src/webviews/**'],
    rules: { 'no-restricted-imports': ['error', enginePurity] },
  },
  { files: ['src/webviews/**/*.ts'], plugins: { lit }, rules: { ...lit.configs['flat/recommended'].rules } },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.mts'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        Buffer: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        performance: 'readonly',
        fetch: 'readonly',
        require: 'readonly',
        module: 'writable',
        exports: 'writable',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        WebAssembly: 'readonly',
        TextDecoder: 'readonly',
        TextEncoder: 'readonly',
        globalThis: 'readonly',
        __dirname: 'readonly',
      },
    },
  },
);
