/** Uploads a mail as a client would, and waits until it has made a task; gives the task's id. */
export async function uploadMail(api: string, raw: string): Promise<string> {
  const response = await fetch(`${api}/api/workflow/batches?mailbox=orders`, {
    method: 'POST',
    headers: { 'content-type': 'message/rfc822' },
    body: raw,
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const { batch_id: batch } = (await response.json()) as { batch_id: string };
  for (let attempt = 0; attempt < 150; attempt++) {
    const listed = await fetch(`${api}/api/workflow/emails?batch_id=${batch}`);
    const { emails } = (await listed.json()) as { emails: { id: string; task_id: string | null; outcome: string; reason: string | null }[] };
    const [mail] = emails;
    if (mail?.task_id) return mail.task_id;
    if (mail?.outcome === 'quarantined' && mail.reason?.includes('took more than')) {
      // A machine that is busy with other stories; replaying is what a person would do.
      await fetch(`${api}/api/workflow/emails/${mail.id}/replay`, { method: 'POST' });
    } else if (mail && mail.outcome !== 'pending') throw new Error(`the mail is ${mail.outcome}: ${mail.reason}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the mail has made no task');
}

/** Changes a task as somebody else would. */
export async function updateTask(api: string, id: string, change: Record<string, unknown>): Promise<void> {
  const response = await fetch(`${api}/api/workflow/update/${id}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', prefer: 'wait=10' },
    body: JSON.stringify(change),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
}

export async function readTask(api: string, id: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${api}/api/workflow/get/${id}`);
  return ((await response.json()) as { task: Record<string, unknown> }).task;
}
