import { percent } from '../../data/format';
import { Button, IconButton, Tag, usePopover } from '../../ui';
import { useHighlight } from './highlight';
import type { Explanation } from './mailText';
import { FIELD_NAMES, LOW_CONFIDENCE } from './types';
import styles from './Why.module.css';

/** Rules as the analysis names them, in words. */
function ruleInWords(rule: string): string {
  const adviser = /^adviser (.*)$/.exec(rule);
  if (adviser) return `The language model ${adviser[1]} decided.`;
  const model = /^model (.*)$/.exec(rule);
  return model ? `The trained model for ${model[1]} decided.` : `The rule “${rule}” decided.`;
}

interface WhyProps {
  field: string;
  why: Explanation | undefined;
  /** Whether its words were found in a mail. */
  found: boolean;
}

/** A button that says why a field has its value. */
export function Why({ field, why, found }: WhyProps) {
  const { anchor, floating, open, show, close } = usePopover('bottom-end');
  const { reveal } = useHighlight();
  if (!why) return null;
  const name = FIELD_NAMES[field] ?? field;
  return (
    <>
      <IconButton
        ref={anchor}
        icon="info"
        size="sm"
        label={`Why? ${name}`}
        aria-haspopup="dialog"
        aria-expanded={open}
        onClick={() => (open ? close() : show())}
      />
      <div ref={floating} popover="auto" role="dialog" aria-label={`Why: ${name}`} className={styles.popover}>
        <p className={styles.title}>{name}</p>
        <p>{ruleInWords(why.rule)}</p>
        <p className={styles.confidence}>
          <span>Confidence</span>
          <meter min={0} max={1} value={why.confidence} aria-label="Confidence" />
          <span className="tabular">{percent(Math.round(why.confidence * 1000) / 10)}</span>
        </p>
        {why.confidence < LOW_CONFIDENCE && (
          <p>
            <CheckThis />
          </p>
        )}
        {why.span ? (
          <blockquote className={styles.span}>{why.span}</blockquote>
        ) : (
          <p className={styles.quiet}>No single place in the mail decided.</p>
        )}
        {why.span && found && (
          <Button
            size="sm"
            icon="mail"
            onClick={() => {
              close();
              reveal(field);
            }}
          >
            Show in the mail
          </Button>
        )}
      </div>
    </>
  );
}

export function CheckThis() {
  return <Tag tone="yellow">Check this</Tag>;
}
