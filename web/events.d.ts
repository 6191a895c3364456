/** What the page uses of the `events` package, which Amazon's SDK is built on. */
declare module 'events' {
  export class EventEmitter {
    on(event: string, listener: (...values: never[]) => void): this;
    once(event: string, listener: (...values: never[]) => void): this;
    removeAllListeners(): this;
  }
}
