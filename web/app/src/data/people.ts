import { useQuery } from '@tanstack/react-query';
import { http, unwrap } from './http';

/** Whom the server knows, fetched once for all who ask. */
export const usePeople = () => useQuery({ queryKey: ['people', 'list'], queryFn: ({ signal }) => unwrap(http.GET('/api/people', { signal })) });
