/** Set to 1 for a process that may fetch from the Hub what an experiment names: somebody has seen how large it is, and said yes. */
export const DOWNLOAD_ALLOWED = 'TRANSFER_LAB_DOWNLOAD';
