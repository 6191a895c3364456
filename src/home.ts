import { fileURLToPath } from 'node:url';

/** Where this package is, a checkout or what npm installed: seen from src/ and from dist/ alike. */
export const HOME = fileURLToPath(new URL('..', import.meta.url));
