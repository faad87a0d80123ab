import { expect, it } from 'vitest';
import { decodeHeader, readMail } from './mime';

const mail = (text: string) => readMail(new TextEncoder().encode(text));

it('the plain part of an alternative is read, not the HTML', () => {
  const read = mail(
    'From: =?utf-8?q?Zo=C3=A9?= <z@a.example>\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\n' +
      'Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nCaf=C3=A9 =\r\nau lait\r\n' +
      '--b\r\nContent-Type: text/html\r\n\r\n<b>no</b>\r\n--b--\r\n',
  );
  expect(read).toMatchObject({ from: 'Zoé <z@a.example>', text: 'Café au lait', fromHtml: false });
});

it('attachments are not text; base64 and other charsets are', () => {
  const read = mail(
    'Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: base64\n\nQ2Fm6Q==\n' +
      '--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=a.txt\n\nsecret\n--b--',
  );
  expect(read.text).toBe('Café');
});

it('HTML alone gives its words, and no markup of it', () => {
  const read = mail('Content-Type: text/html\n\n<style>p{}</style><p>One</p><p>Two<script>alert(1)</script></p>');
  expect(read).toMatchObject({ text: 'One\nTwo', fromHtml: true });
});

it('mails given as JSON are read', () => {
  expect(mail('{"from":"a@b","to":["c@d"],"body":"Hi"}')).toMatchObject({ from: 'a@b', to: 'c@d', text: 'Hi' });
});

it('what is broken is text as well', () => {
  expect(mail('no header at all').text).toBe('');
  expect(mail('Content-Type: text/plain; charset=made-up\n\nHi').text).toBe('Hi');
  expect(decodeHeader('=?utf-8?b?!!?= x')).toBe('x');
  expect(decodeHeader('a\u202eb')).toBe('ab');
});
