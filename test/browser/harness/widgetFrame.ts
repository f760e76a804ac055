// What a person sees and does in the widget.
import type { FrameLocator, Locator } from 'playwright-core';

export class WidgetFrame {
  readonly frame: FrameLocator;

  constructor(frame: FrameLocator) {
    this.frame = frame;
  }

  button(name: string | RegExp): Locator {
    return this.frame.getByRole('button', { name, ...(typeof name === 'string' ? { exact: true } : {}) });
  }

  text(text: string | RegExp): Locator {
    return this.frame.getByText(text);
  }

  heading(name: string | RegExp): Locator {
    return this.frame.getByRole('heading', { name });
  }

  /** The one dialog that is open. */
  dialog(): Locator {
    return this.frame.getByRole('dialog');
  }

  tab(name: string): Locator {
    return this.frame.getByRole('navigation').getByRole('button', { name, exact: true });
  }

  /** The entry of a token in the list. */
  token(token: string): Locator {
    return this.frame.getByRole('listitem').filter({ has: this.frame.getByText(token, { exact: true }) });
  }

  /** The tokens of the rows that are there, from the top. */
  async listed(): Promise<string[]> {
    const list = this.frame.getByRole('list', { name: 'Registration tokens' });
    return await list.getByRole('listitem').locator('code').allInnerTexts();
  }

  /** Resolves once the token is in the list. */
  async shows(token: string): Promise<void> {
    await this.token(token).first().waitFor();
  }

  async showsNoLonger(token: string): Promise<void> {
    await this.token(token).first().waitFor({ state: 'detached' });
  }

  /** Makes the default token with the big button; its name. */
  async quickCreate(): Promise<string> {
    await this.button('Create token').click();
    const ready = this.frame.getByRole('region', { name: 'Your token is ready' });
    return (await ready.locator('code').first().innerText()).trim();
  }

  /** Opens the form for a token that is not the default one. */
  async createForm(): Promise<Locator> {
    await this.button('More options…').click();
    return this.dialog();
  }

  async edit(token: string): Promise<Locator> {
    await this.button(`Edit ${token}`).click();
    // Nothing can be saved before the dialog has read how the token stands.
    await this.dialog().getByRole('button', { name: 'Save' }).and(this.frame.locator(':enabled')).waitFor();
    return this.dialog();
  }

  /** Runs an expression in the widget's page. */
  async evaluate<T>(expression: string): Promise<T> {
    const element = await this.frame.owner().elementHandle();
    const frame = await element?.contentFrame();
    if (!frame) throw new Error('The widget is not there.');
    return await frame.evaluate<T>(expression);
  }

  /** By how many pixels the widget's content is wider than the widget. */
  async overflow(): Promise<number> {
    return await this.evaluate(
      'Math.max(0, document.documentElement.scrollWidth - document.documentElement.clientWidth)',
    );
  }
}
