import type { ParameterStore } from './parameters';

/** Where modules hang: their name in the checkpoint, and the network's sizes. */
export interface Place<Config> {
  readonly store: ParameterStore;
  readonly config: Config;
  readonly name: string;
}

/** The same with more of a name. */
export const under = <Config>(place: Place<Config>, name: string): Place<Config> => ({
  ...place,
  name: `${place.name}${name}`,
});
