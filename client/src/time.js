export const SECOND = 1000;

/**
 * A random time below a limit that doubles with each attempt.
 *
 * @param {import('../types/internal.js').Platform} platform
 * @param {number} attempt 0 for the first
 * @param {number} most the limit's limit, in milliseconds
 */
export function backoff(platform, attempt, most) {
  return platform.random() * Math.min(most, SECOND * 2 ** attempt);
}
