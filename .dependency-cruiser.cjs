/** Which world may import which. The worlds are described in docs/architecture.md and src/<world>/tsconfig.json. */
const TESTS = '\\.test\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'Files that need each other are one file, or hide a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'protocol-stands-alone',
      comment: 'src/protocol is what all worlds share: it imports itself and zod only.',
      severity: 'error',
      from: { path: '^src/protocol/', pathNot: TESTS },
      to: { pathNot: ['^src/protocol/', '^node_modules/zod/'] },
    },
    {
      name: 'engine-without-editor',
      comment: 'Training, the learner’s module and the course run in plain Node: pass editor values in.',
      severity: 'error',
      from: { path: '^(src/(training|lab|course|protocol)|bench)/' },
      to: {
        path: ['^src/(editor|webviews)/', '^src/extension\\.ts$', '^vscode$', '^node_modules/@types/vscode/'],
      },
    },
    {
      name: 'webviews-by-messages-only',
      comment: 'A webview knows other worlds only by the messages of src/protocol.',
      severity: 'error',
      from: { path: '^src/webviews/', pathNot: TESTS },
      to: { path: '^src/', pathNot: '^src/(webviews|protocol)/' },
    },
    {
      name: 'webviews-without-node',
      severity: 'error',
      from: { path: '^src/webviews/', pathNot: [TESTS, '\\.node\\.ts$'] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'editor-without-engine',
      comment: 'No native module and no TensorFlow.js in the extension host: a run is a process of its own.',
      severity: 'error',
      from: { path: '^(src/editor/|src/extension\\.ts$)', pathNot: TESTS },
      to: {
        path: '^(src/(lab|webviews)/|src/training/engine/|node_modules/(onnxruntime-node|sharp|@tensorflow)/)',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'tests-are-leaves',
      severity: 'error',
      from: { pathNot: TESTS },
      to: { path: TESTS },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|out)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
  },
};
