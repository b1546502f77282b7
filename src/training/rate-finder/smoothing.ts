/** fastai's: a heavy hand, because single batches are noisy. */
const BETA = 0.98;

/**
 * An exponential moving average that does not lean towards its start at zero (Kingma & Ba, 2014, section 3).
 * @returns for each value the smoothed one so far
 */
export function smoother(beta = BETA): (value: number) => number {
  let average = 0;
  let count = 0;
  return (value) => {
    average = beta * average + (1 - beta) * value;
    count++;
    return average / (1 - beta ** count);
  };
}
