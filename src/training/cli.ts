/** The same engine without an editor: node dist/cli.js --help */
import { Command, CommanderError } from 'commander';
import { toProblem } from '../protocol/errors';
import { hintCommand, newCommand, resetCommand, solutionCommand } from './cli/course-commands';
import { dataCommand, doctorCommand, modelsCommand } from './cli/info-commands';
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
): Command {
  return program
    .command(usage)
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
  .option('--strategy <id>', 'in place of its own strategy');
add('compare <path>', 'run an experiment under each strategy, and compare', ([path], options) =>
  compareCommand(text(path), options),
).option('--experiment <name>', 'which of the exported experiments');
add('resume <run>', 'continue an interrupted or stopped run from its last checkpoint', ([run], options) =>
  resumeCommand(text(run), options),
);
add('runs [folder]', 'list the runs of a folder', ([folder], options) =>
  runsCommand(text(folder) || '.', options),
);
add('report <runs...>', 'write the report of one or more runs as one HTML file', ([runs], options) =>
  reportCommand(Array.isArray(runs) ? runs : [], options),
);
add('hint <folder> [task]', 'show the next hint', ([folder, task], options) =>
  hintCommand(text(folder), task === undefined ? undefined : text(task), options),
);
add('solution <folder>', 'say where the solution is', ([folder], options) =>
  solutionCommand(text(folder), options),
);
add('reset <folder>', 'bring the starter files back; what was there is kept', ([folder], options) =>
  resetCommand(text(folder), options),
);
add('models', 'list the models that come with Transfer Lab', (_values, options) => modelsCommand(options));
add('data', 'list the data sets that come with Transfer Lab', (_values, options) => dataCommand(options));
add('doctor', 'say what this computer trains on, and how fast', (_values, options) => doctorCommand(options));

program.parseAsync().then(
  () => process.exit(),
  (error: unknown) => {
    if (error instanceof CommanderError) process.exit(error.exitCode);
    tellError(error);
    process.exit(1);
  },
);
