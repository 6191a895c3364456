/**
 * Stands in for isomorphic-webcrypto, which Amazon's SDK asks for: every browser that can play the
 * page has the real thing.
 */
// eslint-disable-next-line no-restricted-syntax -- the SDK imports the default
export default globalThis.crypto;
