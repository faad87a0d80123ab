"""A task's life through the generated Python client: WORKFLOW_URL names the server, WORKFLOW_API_KEY the
key where it asks for one."""

import os

from clients.python.api.events import list_events
from clients.python.api.tasks import create_task, delete_task, get_task, list_tasks, update_task
from clients.python.client import AuthenticatedClient
from clients.python.models import (
    AcceptedJob,
    Applied,
    Category,
    CreateTaskRequest,
    EventList,
    Problem,
    TaskCreatedEvent,
    TaskDeletedEvent,
    TaskList,
    TaskWithHistory,
    UpdateTaskRequest,
)

client = AuthenticatedClient(base_url=os.environ["WORKFLOW_URL"], token=os.environ.get("WORKFLOW_API_KEY", "none"))
tag = f"story-{os.getpid()}"

request = CreateTaskRequest(
    title="Expedite PO 4500017731", workflow_category=Category.ORDER_MANAGEMENT, dollar_value=54321.5, tags=[tag]
)
created = create_task.sync(client=client, body=request, idempotency_key=tag, prefer="wait=20")
assert isinstance(created, Applied), created
task = created.task
assert task.version == 1 and task.dollar_value == 54321.5 and task.current_owner is None, task

change = UpdateTaskRequest(current_owner="Ana Ruiz", description=None, reason="taken over")
updated = update_task.sync(task.task_id, client=client, body=change, if_match='"1"', prefer="wait=20")
assert isinstance(updated, Applied) and updated.task.version == 2, updated
stale = update_task.sync(task.task_id, client=client, body=change, if_match='"1"', prefer="wait=20")
assert isinstance(stale, Problem) and stale.status == 412, stale


def tasks() -> list:
    page = list_tasks.sync(client=client, tag=[tag])
    assert isinstance(page, TaskList), page
    return page.tasks


assert [row.current_owner for row in tasks()] == ["Ana Ruiz"]
read = get_task.sync(task.task_id, client=client)
assert isinstance(read, TaskWithHistory) and any(entry.field == "current_owner" for entry in read.history), read

removed = delete_task.sync(task.task_id, client=client, prefer="wait=20")
assert isinstance(removed, AcceptedJob) and tasks() == [], removed

seen: list = []
for _ in range(100):
    events = list_events.sync(client=client, event=["workflow:task:*"], limit=1000)
    assert isinstance(events, EventList), events
    seen = [event for event in events.events if getattr(event.data, "task_id", None) == task.task_id]
    if any(isinstance(event, TaskDeletedEvent) for event in seen):
        break
assert isinstance(seen[0], TaskCreatedEvent) and isinstance(seen[-1], TaskDeletedEvent), seen
print("create, update, list, delete, events: as documented")
