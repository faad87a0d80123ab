// The first page of the list of tasks, with one prepared statement and a pool. DATABASE_URL and LIST_SQL come from the
// benchmark, so that every server in it runs the same SELECT. Prints its URL when it is ready.

import Fastify from "fastify";
import pg from "pg";

// bigint as a number: cents and counts are far below 2^53.
pg.types.setTypeParser(20, Number);

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 12 });
const query = { name: "list", text: process.env.LIST_SQL };
const app = Fastify();

const nullable = { type: ["string", "null"] };
const task = {
  type: "object",
  properties: {
    task_id: { type: "string" },
    title: { type: "string" },
    workflow_category: { type: "string" },
    task_status: { type: "string" },
    workflow_state: { type: "string" },
    priority: { type: "string" },
    current_owner: nullable,
    owner_email: nullable,
    dollar_value: { type: "number" },
    sla_deadline: nullable,
    sla_state: { type: "string" },
    created_at: { type: "string" },
    updated_at: { type: "string" },
    completion_date: nullable,
    mailbox_source: nullable,
    tags: { type: "array", items: { type: "string" } },
    version: { type: "integer" },
  },
};
const answer = {
  type: "object",
  properties: {
    tasks: { type: "array", items: task },
    pagination: {
      type: "object",
      properties: {
        page: { type: "integer" },
        limit: { type: "integer" },
        total: { type: "integer" },
        total_pages: { type: "integer" },
        next_cursor: nullable,
      },
    },
  },
};

const limit = 50;

app.get("/api/workflow/list", { schema: { response: { 200: answer } } }, async () => {
  const { rows } = await pool.query(query);
  const total = rows.length > 0 ? rows[0].total : 0;
  const tasks = rows.slice(0, limit).map((row) => ({ ...row, dollar_value: row.dollar_value / 100 }));
  const last = tasks.at(-1);
  const next = rows.length > limit ? Buffer.from(JSON.stringify([last.created_at, last.task_id])).toString("base64url") : null;
  return { tasks, pagination: { page: 1, limit, total, total_pages: Math.ceil(total / limit), next_cursor: next } };
});

const url = await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`listening at ${url}`);
