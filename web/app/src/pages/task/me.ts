const KEY = 'principal';

/**
 * By which name the server knows who writes here, as far as an answer has told. Until then everybody's comments offer
 * to be deleted, and the server refuses those of others.
 */
export function whoAmI(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function rememberMe(author: string): void {
  try {
    localStorage.setItem(KEY, author);
  } catch {
    // It is asked again after the next answer.
  }
}
