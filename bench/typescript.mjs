// Lets Node 20 run the bench's TypeScript as it is: node --import ./bench/typescript.mjs bench/main.ts
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
