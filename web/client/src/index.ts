export type { DataOf, EventName, Filter, FrameOf, Frames, Handler, Pattern, StateEvents } from './events.js';
export { createHttpClient, type HttpClient } from './http.js';
export type { components, operations, paths } from './schema.js';
export {
  WorkflowClient,
  WorkflowClient as WebSocket,
  type Options,
  type Socket,
  type SocketConstructor,
  type Subscription,
} from './socket.js';
