const PRODUCT = 'Workflow Intelligence';

let page = '';
let badge = 0;

function write() {
  if (page) document.title = `${badge > 0 ? `(${badge > 99 ? '99+' : badge}) ` : ''}${page} · ${PRODUCT}`;
}

/** The page's part of the document's title. */
export function setTitle(title: string): void {
  page = title;
  write();
}

/** A number before the title: how much is new. */
export function setTitleBadge(n: number): void {
  badge = n;
  write();
}
