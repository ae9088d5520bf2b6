// Serves the filled store until it is stopped, for a person to look at: `node e2e/look.mjs`.
import { PASSWORD, Server } from "./server.mjs";

const server = await new Server().start();
console.log(`${server.url}/console/  user: ann  password: ${PASSWORD}`);
process.on("SIGINT", () => void server.stop().then(() => process.exit(0)));
process.on("SIGTERM", () => void server.stop().then(() => process.exit(0)));
