import type { WidgetOff } from '../../config/widgetPlace.ts';
import type { MissingPower } from '../../room-widget/widgetPlacing.ts';
import type { Words } from '../../words/words.ts';
import { type Block, paragraph, type Rendered, render } from '../reply/document.ts';

/**
 * @param wasThere false: it was put into the room, or its state event changed
 * @param address of the widget page; opened in a browser tab, it says where the widget works
 */
export function renderWidgetThere(words: Words, wasThere: boolean, address: string): Rendered {
  const { widget } = words;
  return render(
    words,
    paragraph(wasThere ? widget.wasThere : widget.putBack),
    paragraph(widget.whereToFind),
    paragraph(...widget.address(address)),
  );
}

export function renderWidgetOff(words: Words, off: WidgetOff): Rendered {
  const { widget } = words;
  return render(words, paragraph(...widget.off[off]), paragraph(...widget.commandsDoTheSame));
}

/** The notice about a missing power level, and where to change it. */
export function renderMissingPower(words: Words, missingPower: MissingPower): Rendered {
  return render(words, ...missingPowerParagraphs(words, missingPower));
}

/** The same as the answer to `widget`. */
export function renderWidgetMissingPower(
  words: Words,
  missingPower: MissingPower,
  address: string,
): Rendered {
  const paragraphs = missingPowerParagraphs(words, missingPower);
  return render(words, ...paragraphs, paragraph(...words.widget.address(address)));
}

function missingPowerParagraphs({ widget }: Words, { of, has, needs }: MissingPower): Block[] {
  return [paragraph(widget.cannot(of, needs, has)), paragraph(widget.raise(of, needs, has))];
}
