import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import type { components } from '@workflow-intelligence/client';
import { useState, type RefObject } from 'react';
import { http, unwrap } from '../../data/http';
import { useMay, useSession } from '../../data/session';
import { Avatar, Button, Card, ConfirmDialog, ErrorState, Field, IconButton, LoadMore, RelativeTime, Skeleton, Textarea, toastProblem } from '../../ui';
import styles from './Activity.module.css';
import { beingMentioned, mention, withMentions } from './mentions';
import type { Task } from './types';
import { useOwners } from './useOwners';

type Comment = components['schemas']['Comment'];

/** What people say about the task. */
export function Comments({ task, input }: { task: Task; input: RefObject<HTMLTextAreaElement | null> }) {
  const queries = useQueryClient();
  const key = ['task', task.task_id, 'comments'] as const;
  const path = { task_id: task.task_id };
  const [deleting, setDeleting] = useState<Comment>();
  const comments = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam, signal }) =>
      unwrap(http.GET('/api/workflow/comments/{task_id}', { params: { path, query: { cursor: pageParam, limit: 200 } }, signal })),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => (page.next_cursor === null ? undefined : Number(page.next_cursor)),
  });
  const list = comments.data?.pages.flatMap((page) => page.comments) ?? [];
  const remove = async (comment: Comment) => {
    await unwrap<unknown>(
      http.DELETE('/api/workflow/comments/{task_id}/{comment_id}', {
        params: { path: { ...path, comment_id: comment.id }, header: { Prefer: 'wait=10' } },
      }),
    );
    await queries.invalidateQueries({ queryKey: key });
  };
  const session = useSession();
  const mayWrite = useMay('operator');
  // Others' comments are theirs to delete.
  const isMine = (comment: Comment) => !session || session.principal === comment.author;
  return (
    <Card title="Comments">
      {comments.error ? (
        <ErrorState error={comments.error} title="The comments could not be loaded" onRetry={() => void comments.refetch()} />
      ) : comments.isPending ? (
        <Skeleton label="Loading comments" rows={3} />
      ) : (
        <>
          {list.length > 0 && (
            <ol className={styles.list} aria-label="Comments">
              {list.map((comment) => (
                <li key={comment.id} className={styles.item}>
                  <Avatar name={comment.author} size={24} />
                  <div className={styles.body}>
                    <p className={styles.who}>
                      <strong>{comment.author}</strong>
                      <span className={styles.quiet}>
                        <RelativeTime at={comment.created_at} />
                      </span>
                    </p>
                    <p className={styles.comment} dir="auto">
                      {withMentions(comment.text, comment.mentions).map(({ text, mentioned }, at) =>
                        mentioned ? (
                          <span key={at} className={styles.mention}>
                            {text}
                          </span>
                        ) : (
                          text
                        ),
                      )}
                    </p>
                  </div>
                  {mayWrite && isMine(comment) && (
                    <IconButton icon="trash" size="sm" label={`Delete the comment of ${comment.author}`} onClick={() => setDeleting(comment)} />
                  )}
                </li>
              ))}
            </ol>
          )}
          {comments.hasNextPage && (
            <LoadMore shown={list.length} one="comment" hasMore loading={comments.isFetchingNextPage} onMore={() => void comments.fetchNextPage()} />
          )}
          {mayWrite ? (
            <Write task={task} input={input} onDone={() => void queries.invalidateQueries({ queryKey: key })} />
          ) : (
            list.length === 0 && <p className={styles.quiet}>None yet.</p>
          )}
        </>
      )}
      <ConfirmDialog
        open={deleting !== undefined}
        onClose={() => setDeleting(undefined)}
        title="Delete this comment?"
        confirm="Delete comment"
        danger
        onConfirm={() => (deleting ? remove(deleting) : undefined)}
      >
        Its text stays in the history of the task.
      </ConfirmDialog>
    </Card>
  );
}

function Write({ task, input, onDone }: { task: Task; input: RefObject<HTMLTextAreaElement | null>; onDone: () => void }) {
  const [text, setText] = useState('');
  const [caret, setCaret] = useState(0);
  const people = useOwners(task);
  const begun = beingMentioned(text, caret);
  const proposed = begun === undefined ? [] : people.filter(({ name }) => name.toLowerCase().includes(begun.toLowerCase())).slice(0, 6);
  const add = useMutation({
    mutationFn: () =>
      unwrap(
        http.POST('/api/workflow/comments/{task_id}', {
          params: { path: { task_id: task.task_id }, header: { Prefer: 'wait=10' } },
          body: { text },
        }),
      ),
    onSuccess: () => {
      setText('');
      onDone();
    },
    onError: (error) => toastProblem(error, 'The comment was not added'),
  });
  const send = () => {
    if (text.trim() !== '' && !add.isPending) add.mutate();
  };
  return (
    <form
      className={styles.form}
      data-screen-only
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <Field label="Comment" hideLabel>
        {(field) => (
          <Textarea
            {...field}
            ref={input}
            rows={2}
            placeholder="Write a comment; @name mentions somebody"
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setCaret(event.target.selectionStart);
            }}
            onSelect={(event) => setCaret(event.currentTarget.selectionStart)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                event.preventDefault();
                send();
              } else if (event.key === 'Escape') event.currentTarget.blur();
            }}
          />
        )}
      </Field>
      {proposed.length > 0 && (
        <div className={styles.people} role="group" aria-label="Mention">
          {proposed.map(({ name }) => (
            <Button
              key={name}
              size="sm"
              onClick={() => {
                const next = mention(text, caret, name);
                setText(next.text);
                setCaret(next.caret);
                input.current?.focus();
              }}
            >
              {name}
            </Button>
          ))}
        </div>
      )}
      <div className={styles.formFoot}>
        <span>Ctrl Enter sends</span>
        <Button type="submit" variant="primary" size="sm" busy={add.isPending} disabled={text.trim() === ''}>
          Comment
        </Button>
      </div>
    </form>
  );
}
