/** "85.0 %". @param share 0..1 */
export const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
