import { LearnerError } from '../../protocol/errors';

/**
 * How much each class counts in the loss. 'balanced': rare classes more, so that all classes together count the same.
 * Numbers: in order of the class names, or by name; classes that are not named count 1.
 */
export type ClassWeights = 'balanced' | readonly number[] | Readonly<Record<string, number>>;

/**
 * @param labels of the training pictures
 * @returns `[numClasses]`. Balanced is count / (classes · count of the class), as in scikit-learn. Outputs beyond the
 * data's classes count 1.
 * @throws {LearnerError} 'class-weights-invalid' if a class is unknown or the list has another length
 */
export function classWeightsOf(
  wanted: ClassWeights,
  classNames: readonly string[],
  labels: ArrayLike<number>,
  numClasses: number,
): Float32Array {
  const weights = new Float32Array(numClasses).fill(1);
  if (wanted === 'balanced') {
    const counts = new Array<number>(classNames.length).fill(0);
    for (const label of Array.from(labels)) counts[label] = (counts[label] ?? 0) + 1;
    for (const [label, count] of counts.entries())
      if (count > 0) weights[label] = labels.length / (classNames.length * count);
    return weights;
  }
  if (isList(wanted)) {
    if (wanted.length !== classNames.length)
      throw invalid(
        `classWeights has ${wanted.length} numbers, but the data has ${classNames.length} classes: ${classNames.join(', ')}.`,
      );
    weights.set(wanted);
    return weights;
  }
  const unknown = Object.keys(wanted).filter((name) => !classNames.includes(name));
  if (unknown.length > 0)
    throw invalid(
      `classWeights names "${unknown.join('", "')}". Classes of the data: ${classNames.join(', ')}.`,
    );
  for (const [label, name] of classNames.entries()) weights[label] = wanted[name] ?? 1;
  return weights;
}

function isList(wanted: readonly number[] | Readonly<Record<string, number>>): wanted is readonly number[] {
  return Array.isArray(wanted);
}

function invalid(message: string): LearnerError {
  return new LearnerError({
    code: 'class-weights-invalid',
    message,
    remedy: "Give one number for each class, or 'balanced'.",
  });
}
