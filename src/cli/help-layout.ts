import { Help, type HelpConfiguration } from 'commander';

/** Fewer columns than these beside a flag make a description a ribbon of single words. */
const ENOUGH = 24;
const INDENT = 6;

/** How the help of every command is laid out. On a narrow screen a description stands below its flag, not beside it. */
export const helpLayout: HelpConfiguration = {
  minWidthToWrap: 12,
  formatItem(term, termWidth, description, helper) {
    const width = helper.helpWidth ?? 80;
    if (description === '' || width - termWidth - 4 >= ENOUGH)
      return Help.prototype.formatItem.call(helper, term, termWidth, description, helper);
    const below = helper.boxWrap(description, width - INDENT).replaceAll(/^/gm, ' '.repeat(INDENT));
    return `  ${term}\n${below}`;
  },
};
