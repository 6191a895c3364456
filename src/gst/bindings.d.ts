/* The part of node-gtk this program uses, typed by hand: the generated types are 2 MB and wrong in places. */
declare module 'node-gtk' {
  export interface GValue {
    getBoxed: () => unknown;
  }

  export interface GstStructure {
    getName: () => string;
    nFields: () => number;
    nthFieldName: (index: number) => string;
    getValue: (field: string) => GValue;
    toString: () => string;
  }

  export interface GError {
    readonly message: string;
    readonly code: number;
  }

  export interface GstTagList {
    nTags: () => number;
    nthTagName: (index: number) => string;
    getTagSize: (tag: string) => number;
    getValueIndex: (tag: string, index: number) => GValue | null;
    toString: () => string;
  }

  export interface GstTocEntry {
    getEntryType: () => number;
    getStartStopTimes: () => [boolean, bigint, bigint];
    getTags: () => GstTagList | null;
    getSubEntries: () => readonly GstTocEntry[];
  }

  export interface GstToc {
    getEntries: () => readonly GstTocEntry[];
  }

  export interface GstObject {
    readonly name: string;
    getPathString: () => string;
  }

  export interface GstMessage {
    readonly type: number;
    readonly seqnum: number;
    readonly src: GstObject | null;
    getStructure: () => GstStructure | null;
    parseError: () => [GError, string | null];
    parseErrorDetails: () => GstStructure | null;
    parseWarning: () => [GError, string | null];
    parseWarningDetails: () => GstStructure | null;
    parseStateChanged: () => [number, number, number];
    parsePropertyNotify: () => [GstObject, string, GValue | null];
    parseBuffering: () => number;
    parseTag: () => GstTagList;
    parseToc: () => [GstToc, boolean];
    parseNewClock: () => GstObject | null;
    parseRequestState: () => number;
    parseProgress: () => [number, string, string];
  }

  export interface GstElement extends GstObject {
    getFactory: () => {
      getName: () => string;
      getMetadata: (key: string) => string | null;
    } | null;
    setState: (state: number) => number;
    sendEvent: (event: unknown) => boolean;
    /** Result, current and pending state. */
    getState: (timeout: bigint) => [number, number, number];
    queryPosition: (format: number) => [boolean, bigint];
    queryDuration: (format: number) => [boolean, bigint];
    emit: (signal: string, ...values: readonly (string | boolean)[]) => void;
  }

  export interface GstBin extends GstElement {
    add: (element: GstElement) => boolean;
    getBus: () => { pop: () => GstMessage | null };
    getChildrenCount: () => number;
    getChildByIndex: (index: number) => GstElement | null;
    recalculateLatency: () => boolean;
    addPropertyDeepNotifyWatch: (property: string | null, includeValue: boolean) => bigint;
  }

  export interface GstNamespace {
    init: (argv: readonly string[]) => void;
    versionString: () => string;
    parseLaunch: (text: string) => GstElement;
    utilSetObjectArg: (object: GstElement, property: string, value: string) => void;
    messageTypeGetName: (type: number) => string;
    tagGetNick: (tag: string) => string;
    tocEntryTypeGetNick: (type: number) => string;
    debugBinToDotData: (bin: GstBin, details: number) => string;
    readonly Format: { readonly TIME: number };
    readonly DebugGraphDetails: { readonly ALL: number };
    readonly ElementFactory: {
      find: (name: string) => object | null;
      listGetElements: (type: bigint, minrank: number) => readonly GstObject[];
    };
    readonly Event: { newEos: () => unknown };
    readonly State: Readonly<Record<'NULL' | 'READY' | 'PAUSED' | 'PLAYING', number>>;
    readonly StateChangeReturn: Readonly<
      Record<'FAILURE' | 'SUCCESS' | 'ASYNC' | 'NO_PREROLL', number>
    >;
    readonly MessageType: Readonly<
      Record<
        | 'EOS'
        | 'ERROR'
        | 'WARNING'
        | 'BUFFERING'
        | 'STATE_CHANGED'
        | 'CLOCK_LOST'
        | 'ELEMENT'
        | 'LATENCY'
        | 'PROPERTY_NOTIFY'
        | 'TAG'
        | 'TOC'
        | 'NEW_CLOCK'
        | 'REQUEST_STATE'
        | 'PROGRESS',
        number
      >
    >;
    readonly Bin: abstract new (...args: never) => GstBin;
    readonly Pipeline: (abstract new (...args: never) => GstBin) & {
      new: (name: string | null) => GstBin;
    };
  }

  export interface GLibNamespace {
    readonly MainContext: { default: () => { iteration: (mayBlock: boolean) => boolean } };
  }

  export interface GObjectNamespace {
    readonly Object: {
      readonly prototype: {
        setProperty: (this: GstElement, name: string, value: unknown) => void;
        getProperty: (this: GstElement, name: string) => unknown;
      };
    };
  }

  interface Gi {
    require: ((name: 'Gst', version: '1.0') => GstNamespace) &
      ((name: 'GObject', version: '2.0') => GObjectNamespace) &
      ((name: 'GLib', version: '2.0') => GLibNamespace);
  }

  const gi: Gi;
  // eslint-disable-next-line no-restricted-syntax -- node-gtk's own shape
  export default gi;
}
