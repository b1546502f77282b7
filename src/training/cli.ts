/** The same engine without an editor: node dist/cli.js --help */
import { Command, CommanderError, Option } from 'commander';
import { toProblem } from '../protocol/errors';
import {
  checkCommand,
  hintCommand,
  newCommand,
  resetCommand,
  restoreCommand,
  solutionCommand,
} from './cli/course-commands';
import { inspectDataCommand, type DataOptions } from './cli/data-command';
import { downloadCommand } from './cli/download-command';
import { dataCommand, doctorCommand, modelsCommand, type MediaOptions } from './cli/info-commands';
import { probeCommand, type ProbeCommandOptions } from './cli/estimate-command';
import { planCommand, type PlanOptions } from './cli/plan-command';
import { predictCommand, type PredictOptions } from './cli/predict-command';
import { rateCommand } from './cli/rate-command';
import { compareCommand, reportCommand, resumeCommand, runCommand, runsCommand } from './cli/run-commands';
import type { Answer, CommonOptions } from './cli/run-commands';
import { say, tellError } from './cli/terminal';

const program = new Command('transfer-lab')
  .description('Learn transfer learning by doing it: fine-tune real networks on your own machine.')
  .exitOverride();

/** A command whose last argument are its options, and whose answer is printed as one line of JSON where asked. */
function add<Options extends CommonOptions>(
  usage: string,
  description: string,
  action: (values: readonly (string | string[] | undefined)[], options: Options) => Promise<Answer>,
  { hidden = false } = {},
): Command {
  return program
    .command(usage, { hidden })
    .description(description)
    .option('--json', 'end with one line of JSON')
    .action(async (...parts: unknown[]) => {
      const options = parts.at(-2) as Options;
      try {
        const answer = await action(parts.slice(0, -2) as (string | string[] | undefined)[], options);
        if (options.json) say(JSON.stringify({ ok: true, ...answer }));
        if (answer['passed'] === false) process.exitCode = 1;
      } catch (error) {
        tellError(error);
        if (options.json) say(JSON.stringify({ ok: false, problem: toProblem(error) }));
        process.exitCode = 1;
      }
    });
}

const text = (value: string | string[] | undefined): string =>
  Array.isArray(value) ? value.join(' ') : (value ?? '');

add('new <id> <folder>', 'start an exercise in a new folder', ([id, folder], options) =>
  newCommand(text(id), text(folder), options),
);
add<CommonOptions & { strategy?: string }>(
  'run <path>',
  'run an experiment of a folder or file',
  ([path], options) => runCommand(text(path), options),
)
  .option('--experiment <name>', 'which of the exported experiments')
  .option('--strategy <id>', 'in place of its own strategy')
  .option('--download', 'fetch the weights that it names from the Hugging Face Hub');
add('compare <path>', 'run an experiment under each strategy, and compare', ([path], options) =>
  compareCommand(text(path), options),
)
  .option('--experiment <name>', 'which of the exported experiments')
  .option('--download', 'fetch the weights that it names from the Hugging Face Hub');
add<PlanOptions>(
  'plan <path>',
  'say which layers an experiment would train, and what a step would cost; trains nothing',
  ([path], options) => planCommand(text(path), options),
)
  .option('--estimate', 'measure a few steps, and reckon time, memory and download of the run')
  .option('--experiment <name>', 'which of the exported experiments')
  .option('--stdin', 'read the text of the file from standard input');
add<ProbeCommandOptions>(
  'probe <path>',
  'a few steps at one batch size; for plan --estimate',
  ([path], options) => probeCommand(text(path), options),
  { hidden: true },
)
  .option('--experiment <name>', 'which of the exported experiments')
  .option('--stdin', 'read the text of the file from standard input')
  .requiredOption('--batch-size <count>', 'pictures of a step');
add(
  'find-learning-rate <path>',
  "try an experiment's learning rates on a copy of its network, and suggest some",
  ([path], options) => rateCommand(text(path), options),
)
  .option('--experiment <name>', 'which of the exported experiments')
  .option('--download', 'fetch the weights that it names from the Hugging Face Hub');
add<CommonOptions & { yes?: boolean }>(
  'download <repository>',
  'download the weights of a repository of the Hugging Face Hub; says first how much',
  ([repository], options) => downloadCommand(text(repository), options),
).option('--yes', 'without asking');
add('resume <run>', 'continue an interrupted or stopped run from its last checkpoint', ([run], options) =>
  resumeCommand(text(run), options),
).option('--download', 'fetch the weights that it names from the Hugging Face Hub');
add('runs [folder]', 'list the runs of a folder', ([folder], options) =>
  runsCommand(text(folder) || '.', options),
);
add<PredictOptions>(
  'predict <run> [picture]',
  'say what the best weights of a run see in a picture, or read in a text',
  ([run, picture], options) => predictCommand(text(run), text(picture), options),
)
  .option('--text <text>', 'the text to read, for a run that was trained on texts')
  .option('--heat-map <file>', 'write a PNG that shows where the network looked (Grad-CAM)')
  .option('--layer <name>', 'where the heat map is read; default: the last feature map');
add(
  'report [paths...]',
  'write one HTML file: about one or more runs, or about a folder with all its experiments and analysis.md',
  ([paths], options) => reportCommand(Array.isArray(paths) ? paths : [], options),
);
add<CommonOptions & { only?: string }>(
  'check <folder>',
  'say what of an exercise is done, and what is missing',
  ([folder], options) => checkCommand(text(folder), options),
)
  .option('--only <kinds>', 'code, behaviour, outcome; several with commas between them')
  .option('--download', 'fetch the weights that it names from the Hugging Face Hub');
add('hint <folder> [task]', 'show the next hint', ([folder, task], options) =>
  hintCommand(text(folder), task === undefined ? undefined : text(task), options),
);
add('solution <folder>', 'say where the solution is', ([folder], options) =>
  solutionCommand(text(folder), options),
);
add('reset <folder>', 'bring the starter files back; what was there is kept', ([folder], options) =>
  resetCommand(text(folder), options),
);
add('restore <folder>', 'bring back the attempt that the last reset put aside', ([folder], options) =>
  restoreCommand(text(folder), options),
);
add<MediaOptions>('models', 'list the models that come with Transfer Lab', (_values, options) =>
  modelsCommand(options),
).option('--verify', 'compare every file with the size and hash it came with');
add<MediaOptions & DataOptions>(
  'data [path]',
  "list the data sets that come with Transfer Lab, or tell what an experiment's data, or a folder or CSV file of pictures, holds",
  ([path], options) =>
    path === undefined && !options.thumbnails
      ? dataCommand(options)
      : inspectDataCommand(text(path), options),
)
  .option('--verify', 'compare every file of those that came with the size and hash it came with')
  .option('--experiment <name>', 'which of the exported experiments')
  .option('--stdin', 'read the text of the file from standard input')
  // For the editor's view of the data.
  .addOption(new Option('--unless <key>', 'read nothing where the settings are those of the key').hideHelp())
  .addOption(new Option('--thumbnails', 'make small pictures of the files in standard input').hideHelp());
add('doctor', 'say what this computer trains on, and how fast', (_values, options) => doctorCommand(options));

program.parseAsync().then(
  () => process.exit(),
  (error: unknown) => {
    if (error instanceof CommanderError) process.exit(error.exitCode);
    tellError(error);
    process.exit(1);
  },
);
